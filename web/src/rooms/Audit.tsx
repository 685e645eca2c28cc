// The audit trail: filtered, verified, taken along.
import { useState } from "preact/hooks";
import type { AuditEntry } from "../lib/acting.ts";
import { get, useList, withParameters } from "../lib/api.ts";
import { fullNumber } from "../lib/format.ts";
import { place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import type { Page } from "../lib/types.ts";
import { Badge, MoreButton, Time, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

interface Verdict {
  is_whole: boolean;
  rows: number;
  problem: string;
  head: string;
}

const kEvents = ["action_attempt", "action_complete", "verification", "policy_block", "extract", "navigate", "rate_limit_hit", "error", "session_start", "session_end"];

async function everything(): Promise<string> {
  const lines: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Page<AuditEntry> = await get(withParameters("/audit", { limit: 1000, cursor }));
    lines.push(...page.items.map((entry) => JSON.stringify(entry)));
    cursor = page.next;
  }
  return lines.reverse().join("\n") + "\n";
}

function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  link.download = "linnet-audit.jsonl";
  link.click();
  URL.revokeObjectURL(link.href);
}

// "what: key rotated; sealed anew: 12"; what a row is about stands in columns of its own.
function inWords(details: Record<string, unknown>): string {
  return Object.entries(details)
    .filter(([name, value]) => !["action", "type"].includes(name) && value !== "" && value !== null)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${typeof value === "object" ? JSON.stringify(value) : String(value).replaceAll("_", " ")}`)
    .join("; ");
}

export function Audit() {
  const { search } = useStore(place);
  const event = search.get("event");
  const list = useList<AuditEntry>(withParameters("/audit", { event }));
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const { busy, run, trouble } = useWork();
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Audit" />
        <Field label="Event">
          <select value={event ?? ""} onChange={(e) => setSearch({ event: e.currentTarget.value || null })}>
            <option value="">All</option>
            {kEvents.map((name) => (
              <option key={name} value={name}>
                {name.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </Field>
        <button type="button" class="button" disabled={busy} onClick={() => void run(async () => setVerdict(await get("/audit/verify")))}>
          Verify
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => void run(async () => save(await everything()))}>
          Export
        </button>
      </div>
      {trouble}
      {verdict && (
        <p role="status" class={verdict.is_whole ? "" : "bad-text"}>
          {verdict.is_whole
            ? `${fullNumber(verdict.rows)} rows, each as it was written. Note the newest hash to prove later that none was cut off: ${verdict.head}`
            : `Damaged: ${verdict.problem}`}
        </p>
      )}
      {list.loading && <Loading what="the audit trail" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nothing was done yet" />}
      {!!list.value?.length && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Event</th>
              <th scope="col">Outcome</th>
              <th scope="col">Who</th>
              <th scope="col">Details</th>
            </tr>
          </thead>
          <tbody>
            {list.value.map((entry) => (
              <tr key={entry.number}>
                <td>
                  <Time at={entry.timestamp} />
                </td>
                <td>{entry.event_type.replaceAll("_", " ")}</td>
                <td>
                  <Badge kind={entry.outcome === "failure" ? "bad" : ""}>{entry.outcome}</Badge>
                </td>
                <td>{entry.actor}</td>
                <td class="clip" title={JSON.stringify(entry.details)}>
                  {inWords(entry.details)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <MoreButton list={list} />
    </div>
  );
}
