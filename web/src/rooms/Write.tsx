// A post, or a thread of them: written, checked against every rule, sent for approval.
import { useEffect, useState } from "preact/hooks";
import type { Account, Requested, Verdict } from "../lib/acting.ts";
import { post, useList } from "../lib/api.ts";
import { actionOf, emptyPost, kFeatures, noOptions } from "../lib/draft.ts";
import { place, navigate } from "../lib/router.ts";
import { loadNotices, may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { Verdicts } from "../ui/Verdicts.tsx";
import { WriteOptions } from "./WriteOptions.tsx";
import { WritePost } from "./WritePost.tsx";

const kLengths: Record<string, number> = { mastodon: 500, bluesky: 300 };
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function lengthOf(text: string, platform: string): number {
  if (platform === "bluesky") return [...graphemes.segment(text)].length;
  return [...text.replace(/https?:\/\/\S+/g, "x".repeat(23))].length;
}

export function Write() {
  const { search } = useStore(place);
  const answers = search.get("reply");
  const accounts = useList<Account>("/accounts");
  const [account, setAccount] = useState(search.get("account") ?? "");
  const [posts, setPosts] = useState([emptyPost()]);
  const [options, setOptions] = useState(noOptions(search.get("quote") ?? ""));
  const [verdicts, setVerdicts] = useState<Verdict[] | null>(null);
  const { busy, run, trouble } = useWork();
  const usable = accounts.value?.filter((a) => a.is_active) ?? [];
  useEffect(() => {
    if (!account && usable[0]) setAccount(usable[0].id);
  }, [accounts.value]);
  const chosen = accounts.value?.find((a) => a.id === account);
  const can = kFeatures[chosen?.platform ?? ""] ?? kFeatures.mastodon!;
  const most = kLengths[chosen?.platform ?? ""] ?? 500;

  const ask = (extra: object) =>
    post<Requested>("/actions", {
      type: answers ? "reply" : "publish",
      account,
      ...(answers ? { post_id: answers } : {}),
      ...actionOf(posts, options, chosen?.platform ?? ""),
      ...extra,
    });
  const check = () => run(async () => setVerdicts((await ask({ dry_run: true })).verdicts));
  const send = (approve: boolean) =>
    run(async () => {
      const asked = await ask({ approve });
      await loadNotices();
      navigate(asked.approval_id ? "/approvals" : `/actions/${asked.actions[0]!.id}`);
    });

  if (accounts.loading) return <Loading what="accounts" />;
  if (accounts.error) return <Failure error={accounts.error} onRetry={accounts.reload} />;
  return (
    <div class="column">
      <div class="room-head">
        <Title name={answers ? "Answer" : "Write"} />
      </div>
      {usable.length === 0 ? (
        <Empty title="There is no account to write with yet">
          <a class="button" href="/accounts">
            Add one
          </a>
        </Empty>
      ) : (
        <form class="form" onSubmit={(event) => { event.preventDefault(); void send(false); }}>
          <Field label="Account">
            <select value={account} onChange={(e) => setAccount(e.currentTarget.value)}>
              {usable.map((a) => (
                <option key={a.id} value={a.id}>
                  @{a.username} ({a.platform})
                </option>
              ))}
            </select>
          </Field>
          {posts.map((draft, i) => {
            const left = most - lengthOf(draft.text, chosen?.platform ?? "") - lengthOf(options.warning, chosen?.platform ?? "");
            const count = (
              <span class={left < 0 ? "bad-text" : "faint"} aria-live="polite">
                {left} left
              </span>
            );
            return (
              <WritePost
                key={i}
                post={draft}
                number={posts.length > 1 ? i + 1 : undefined}
                count={count}
                polls={can.polls}
                onChange={(changed) => setPosts(posts.map((p, n) => (n === i ? changed : p)))}
              />
            );
          })}
          <div class="row">
            <button type="button" class="button small" onClick={() => setPosts([...posts, emptyPost()])}>
              Add a post to the thread
            </button>
            {posts.length > 1 && (
              <button type="button" class="button small" onClick={() => setPosts(posts.slice(0, -1))}>
                Remove the last
              </button>
            )}
          </div>
          <WriteOptions options={options} platform={chosen?.platform ?? ""} isThread={posts.length > 1} onChange={setOptions} />
          <div class="row">
            <button type="button" class="button" disabled={busy} onClick={check}>
              Check
            </button>
            <button class="button primary" disabled={busy || !may("act")}>
              Send for approval
            </button>
            {may("approve") && (
              <button type="button" class="button" disabled={busy} onClick={() => void send(true)}>
                Approve and send
              </button>
            )}
          </div>
          {verdicts && <Verdicts verdicts={verdicts} />}
          {trouble}
        </form>
      )}
    </div>
  );
}
