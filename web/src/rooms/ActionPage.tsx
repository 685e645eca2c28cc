// One thing that was done or is to be done: what happened, and how it is known.
import { useEffect } from "preact/hooks";
import type { ActionDetail } from "../lib/api_types.ts";
import { auditActor, auditSentence } from "../lib/audit.ts";
import { post } from "../lib/api.ts";
import { safeHref } from "../lib/html.ts";
import { useResource } from "../lib/resource.ts";
import { may } from "../lib/session.ts";
import { methodWord, plainly, statusKind, statusWord, typeWord } from "../lib/words.ts";
import { AuditDetails } from "../ui/AuditDetails.tsx";
import { Badge, Panel, Time } from "../ui/basics.tsx";
import { DraftFacts, Thumbnails } from "../ui/DraftFacts.tsx";
import { useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Failure, Loading } from "../ui/states.tsx";

const isUnseen = (action: ActionDetail) => action.status === "success" && action.verified === false;

function Evidence({ action }: { action: ActionDetail }) {
  const looks = action.verifications;
  if (looks.length === 0) return <p class="faint">Not looked at yet.</p>;
  return (
    <ul class="evidence">
      {looks.map((look) => (
        <li key={look.id} data-verified={look.verified}>
          <Badge kind={look.verified ? "positive" : "bad"}>{look.verified ? "Verified" : "Not verified"}</Badge> {methodWord(look.method)},{" "}
          {Math.round(look.confidence * 100)} % sure, <Time at={look.verified_at} />
        </li>
      ))}
    </ul>
  );
}

function Steps({ action }: { action: ActionDetail }) {
  return (
    <ol class="steps">
      {action.audit?.map((entry) => (
        <li key={entry.number}>
          <Time at={entry.timestamp} /> <b>{auditSentence(entry)}</b>
          {entry.actor && `, by ${auditActor(entry)}`} {entry.outcome === "failure" && <Badge kind="bad">failed</Badge>}
          <AuditDetails entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Buttons({ action, onChange }: { action: ActionDetail; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const ask = (verb: string, body?: object) => () =>
    void run(async () => {
      await post(`/actions/${action.id}/${verb}`, body);
      onChange();
    });
  return (
    <>
      <div class="row">
        {action.status === "pending" && may("act") && (
          <button type="button" class="button" disabled={busy} onClick={ask("cancel")}>
            Cancel
          </button>
        )}
        {["failed", "skipped", "cancelled"].includes(action.status) && may("act") && (
          <button type="button" class="button" disabled={busy} onClick={ask("retry")}>
            Try again
          </button>
        )}
        {(action.status === "unknown" || isUnseen(action)) && may("approve") && (
          <>
            <button type="button" class="button" disabled={busy} onClick={ask("confirm", { took_effect: true })}>
              I looked: it happened
            </button>
            <button type="button" class="button" disabled={busy} onClick={ask("confirm", { took_effect: false })}>
              I looked: it did not
            </button>
          </>
        )}
      </div>
      {trouble}
    </>
  );
}

const kBack = { href: "/publish/activity", name: "Activity" };

export function ActionPage({ id }: { id: string }) {
  const { value: action, error, loading, reload } = useResource<ActionDetail>(`/actions/${encodeURIComponent(id)}`, 1000);
  useEffect(reload, [id]);
  if (!action) {
    return (
      <Page name="Action" back={kBack}>
        {loading && <Loading what="the action" />}
        {error && <Failure error={error} onRetry={reload} />}
      </Page>
    );
  }
  const link = safeHref(action.result?.url);
  return (
    <Page
      name={typeWord(action.action_type)}
      back={kBack}
      about={<Badge kind={statusKind(action)}>{statusWord(action)}</Badge>}
      action={<Buttons action={action} onChange={reload} />}
    >
      {action.text && (
        <blockquote class="words" dir="auto">
          {action.text}
        </blockquote>
      )}
      <Thumbnails action={action} />
      <DraftFacts action={action} />
      {action.error && <p class={action.status === "pending" ? "" : "bad-text"}>{plainly(action.error.message)}</p>}
      {link && (
        <p>
          <a href={link} rel="noreferrer noopener" target="_blank">
            See it on the network
          </a>
        </p>
      )}
      <Panel title="Evidence" id="evidence">
        <Evidence action={action} />
      </Panel>
      <Panel title="What happened" id="steps">
        <Steps action={action} />
      </Panel>
    </Page>
  );
}
