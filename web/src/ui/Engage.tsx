// What can be done with a post: like, boost, answer, follow who wrote it, in the name of an account on the same server.
import { useState } from "preact/hooks";
import type { Account, Author, RequestedAction } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { useRequestKey } from "../lib/request_key.ts";
import { loadNotices, may } from "../lib/session.ts";
import { plainly } from "../lib/words.ts";
import { useWork } from "./forms.tsx";

const kVerbs = [
  { type: "like", label: "Like" },
  { type: "boost", label: "Boost" },
];

const kSaid: Record<string, string> = { allow: "It goes out now.", hold: "It waits for approval.", defer: "It goes out later." };

export function Engage({ instance, id, author }: { instance: string; id: string; author: Author | null }) {
  const accounts = useList<Account>(may("act") ? "/accounts" : null);
  const [said, setSaid] = useState("");
  const { busy, run, trouble } = useWork();
  const keys: Record<string, ReturnType<typeof useRequestKey>> = { like: useRequestKey(), boost: useRequestKey(), follow: useRequestKey() };
  const account = accounts.value?.find((a) => a.instance === instance && a.is_active);
  if (!account) return null;
  const act = (type: string, target: object) => () =>
    void run(async () => {
      const { decision } = await keys[type]!((request_key) =>
        post<RequestedAction>("/actions", { type, account: account.id, ...target, request_key }),
      );
      setSaid(decision.decision === "deny" ? plainly(decision.reason) : (kSaid[decision.decision] ?? ""));
      await loadNotices();
    });
  return (
    <div class="engage">
      <div class="row">
        {kVerbs.map(({ type, label }) => (
          <button type="button" key={type} class="button small" disabled={busy} onClick={act(type, { post_id: id })}>
            {label}
          </button>
        ))}
        {author && author.acct !== account.username && (
          <button type="button" class="button small" disabled={busy} onClick={act("follow", { person_id: author.id })}>
            Follow @{author.acct}
          </button>
        )}
        <a class="button small" href={`/publish/studio?reply=${encodeURIComponent(id)}&account=${account.id}`}>
          Answer
        </a>
        <a class="button small" href={`/publish/studio?quote=${encodeURIComponent(id)}&account=${account.id}`}>
          Quote
        </a>
        <span class="faint">as @{account.username}</span>
      </div>
      <p role="status">{said && <a href="/publish/activity">{said}</a>}</p>
      {trouble}
    </div>
  );
}
