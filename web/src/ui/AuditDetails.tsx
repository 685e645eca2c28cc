// All that an entry of the audit trail holds, as it is kept.
import type { AuditEntry } from "../lib/api_types.ts";
import { Json } from "./Json.tsx";

export function AuditDetails({ entry }: { entry: AuditEntry }) {
  return (
    <details class="audit-details">
      <summary>Details</summary>
      <pre class="payload" tabIndex={0}>
        <Json value={entry} />
      </pre>
    </details>
  );
}
