// What can be done with a post: like, boost, answer, in the name of an account on the same server.
import { useState } from "preact/hooks";
import type { Account, Requested } from "../lib/acting.ts";
import { post, useList } from "../lib/api.ts";
import { loadNotices, may } from "../lib/session.ts";
import { useWork } from "./forms.tsx";

const kVerbs = [
  { type: "like", label: "Like" },
  { type: "boost", label: "Boost" },
];

const kSaid: Record<string, string> = { allow: "It goes out now.", hold: "It waits for approval.", defer: "It goes out later." };

export function Engage({ instance, id }: { instance: string; id: string }) {
  const accounts = useList<Account>(may("act") ? "/accounts" : null);
  const [said, setSaid] = useState("");
  const { busy, run, trouble } = useWork();
  const account = accounts.value?.find((a) => a.instance === instance && a.is_active);
  if (!account) return null;
  const act = (type: string) => () =>
    void run(async () => {
      const { decision } = await post<Requested>("/actions", { type, account: account.id, post_id: id });
      setSaid(decision.decision === "deny" ? decision.reason : (kSaid[decision.decision] ?? ""));
      await loadNotices();
    });
  return (
    <div class="engage">
      <div class="row">
        {kVerbs.map(({ type, label }) => (
          <button type="button" key={type} class="button small" disabled={busy} onClick={act(type)}>
            {label}
          </button>
        ))}
        <a class="button small" href={`/write?reply=${encodeURIComponent(id)}&account=${account.id}`}>
          Answer
        </a>
        <a class="button small" href={`/write?quote=${encodeURIComponent(id)}&account=${account.id}`}>
          Quote
        </a>
        <span class="faint">as @{account.username}</span>
      </div>
      <p role="status">{said && <a href="/actions">{said}</a>}</p>
      {trouble}
    </div>
  );
}
