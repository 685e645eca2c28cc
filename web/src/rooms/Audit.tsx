// The audit trail: filtered, verified, taken along.
import { useState } from "preact/hooks";
import type { AuditEntry, AuditVerdict } from "../lib/api_types.ts";
import { type Page as Part, get, withParameters } from "../lib/api.ts";
import { auditActor, auditSentence, auditSubject, kAuditEvents } from "../lib/audit.ts";
import { useList } from "../lib/list.ts";
import { fullNumber, preciseTime } from "../lib/format.ts";
import { actionHref, place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { plainly } from "../lib/words.ts";
import { AuditDetails } from "../ui/AuditDetails.tsx";
import { Badge, MoreButton } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Table, type Column } from "../ui/Table.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

async function everything(): Promise<string> {
  const lines: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: Part<AuditEntry> = await get(withParameters("/audit", { limit: 1000, cursor }));
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

function WhatHappened({ entry }: { entry: AuditEntry }) {
  const subject = auditSubject(entry);
  const { action } = entry.details ?? {};
  return (
    <>
      {subject && (typeof action === "string" ? <a href={actionHref(action)}>{subject}</a> : <b>{subject}</b>)} {auditSentence(entry)}{" "}
      {entry.outcome === "failure" && <Badge kind="bad">failed</Badge>}
      <AuditDetails entry={entry} />
    </>
  );
}

const kColumns: Column<AuditEntry>[] = [
  { name: "When", kind: "plain", isHead: true, cell: (entry) => <time dateTime={entry.timestamp}>{preciseTime(entry.timestamp)}</time> },
  { name: "Who", kind: "plain", cell: auditActor },
  { name: "What happened", kind: "text", cell: (entry) => <WhatHappened entry={entry} /> },
];

export function Audit() {
  const { search } = useStore(place);
  const event = search.get("event");
  const list = useList<AuditEntry>(withParameters("/audit", { event }));
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const { busy, run, trouble } = useWork();
  return (
    <Page
      name="Audit"
      width="wide"
      action={
        <>
          <button type="button" class="button" disabled={busy} onClick={() => void run(async () => setVerdict(await get("/audit/verify")))}>
            Verify
          </button>
          <button type="button" class="button" disabled={busy} onClick={() => void run(async () => save(await everything()))}>
            Export
          </button>
        </>
      }
      filters={
        <Field label="What">
          <select value={event ?? ""} onChange={(e) => setSearch({ event: e.currentTarget.value || null })}>
            <option value="">All</option>
            {Object.entries(kAuditEvents).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </Field>
      }
    >
      {trouble}
      {verdict && (
        <p role="status" class={verdict.is_whole ? "" : "bad-text"}>
          {verdict.is_whole ? (
            <>
              {fullNumber(verdict.rows)} rows, each as it was written. Note the newest hash to prove later that none was cut off:{" "}
              <code>{verdict.head}</code>
            </>
          ) : (
            `Damaged: ${plainly(verdict.problem)}`
          )}
        </p>
      )}
      {list.loading && <Loading what="the audit trail" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nothing was done yet" />}
      {!!list.value?.length && (
        <Table label="The audit trail, newest first" columns={kColumns} rows={list.value} keyOf={({ number }) => String(number)} />
      )}
      <MoreButton list={list} />
    </Page>
  );
}
