// What was done, or is to be done, with its evidence.
import { useEffect } from "preact/hooks";
import { statusKind, statusWord, typeWord, type Action } from "../lib/acting.ts";
import { post, useList, useResource, withParameters } from "../lib/api.ts";
import { safeHref } from "../lib/html.ts";
import { place, setSearch } from "../lib/router.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Badge, MoreButton, Time, Title } from "../ui/basics.tsx";
import { DraftFacts, Thumbnails } from "../ui/DraftFacts.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kStatuses = ["pending", "in_progress", "success", "failed", "skipped", "cancelled", "unknown"];

const filterOf = (chosen: string) =>
  chosen === "unseen" ? { status: "success", verified: "false" } : { status: chosen || null, verified: null };

export function Actions() {
  const { search } = useStore(place);
  const status = search.get("status");
  const verified = search.get("verified");
  const list = useList<Action>(withParameters("/actions", { status, verified }));
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Actions" />
        <Field label="Status">
          <select value={verified === "false" ? "unseen" : (status ?? "")} onChange={(e) => setSearch(filterOf(e.currentTarget.value))}>
            <option value="">All</option>
            <option value="unseen">done, and a look did not show it</option>
            {kStatuses.map((s) => (
              <option key={s} value={s}>
                {s.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {list.loading && <Loading what="actions" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nothing here yet" />}
      {!!list.value?.length && (
        <div class="wide">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Text or target</th>
                <th scope="col">Status</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {list.value.map((action) => (
                <tr key={action.id}>
                  <td>
                    <a href={`/actions/${action.id}`}>{typeWord(action.action_type)}</a>
                  </td>
                  <td class="clip">{action.text ?? action.target_name ?? action.target_id}</td>
                  <td>
                    <Badge kind={statusKind(action)}>{statusWord(action)}</Badge>
                  </td>
                  <td>
                    <Time at={action.status === "pending" ? action.due_at : action.attempted_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreButton list={list} />
    </div>
  );
}

const isUnseen = (action: Action) => action.status === "success" && action.verified === false;

function Evidence({ action }: { action: Action }) {
  const looks = action.verifications ?? [];
  if (looks.length === 0) return <p class="faint">Not looked at yet.</p>;
  return (
    <ul class="evidence">
      {looks.map((look) => (
        <li key={look.id} data-verified={look.verified}>
          <Badge kind={look.verified ? "positive" : "bad"}>{look.verified ? "Verified" : "Not verified"}</Badge> {look.method.replaceAll("_", " ")},{" "}
          {Math.round(look.confidence * 100)} % sure, <Time at={look.verified_at} />
        </li>
      ))}
    </ul>
  );
}

function Steps({ action }: { action: Action }) {
  return (
    <ol class="steps">
      {action.audit?.map((entry) => (
        <li key={entry.number}>
          <Time at={entry.timestamp} /> <b>{entry.event_type.replaceAll("_", " ")}</b>, {entry.outcome}
          {entry.actor ? `, ${entry.actor}` : ""} {typeof entry.details.what === "string" ? `: ${entry.details.what}` : ""}
        </li>
      ))}
    </ol>
  );
}

function Buttons({ action, onChange }: { action: Action; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const ask = (verb: string, body?: object) => () => void run(async () => { await post(`/actions/${action.id}/${verb}`, body); onChange(); });
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

export function ActionPage({ id }: { id: string }) {
  const { value: action, error, loading, reload } = useResource<Action>(`/actions/${encodeURIComponent(id)}`, 1000);
  useEffect(reload, [id]);
  if (loading) return <Loading what="the action" />;
  if (error && !action) return <Failure error={error} onRetry={reload} />;
  if (!action) return null;
  const link = safeHref(action.result?.url);
  return (
    <div class="column">
      <div class="room-head">
        <Title name={typeWord(action.action_type)} />
        <Badge kind={statusKind(action)}>{statusWord(action)}</Badge>
      </div>
      {action.text && (
        <blockquote class="words" dir="auto">
          {action.text}
        </blockquote>
      )}
      <Thumbnails action={action} />
      <DraftFacts action={action} />
      {action.error && (
        <p class={action.status === "pending" ? "" : "bad-text"}>
          {action.error.code.replaceAll("_", " ")}: {action.error.message}
        </p>
      )}
      {link && (
        <p>
          <a href={link} rel="noreferrer noopener" target="_blank">
            See it on the network
          </a>
        </p>
      )}
      <Buttons action={action} onChange={reload} />
      <section class="panel" aria-labelledby="evidence">
        <h2 id="evidence">Evidence</h2>
        <Evidence action={action} />
      </section>
      <section class="panel" aria-labelledby="steps">
        <h2 id="steps">What happened</h2>
        <Steps action={action} />
      </section>
    </div>
  );
}
