// A post, or a thread of them: written, checked against every rule, sent for approval.
import { useEffect, useState } from "preact/hooks";
import type { Account, Limits, Requested, Verdict } from "../lib/acting.ts";
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

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// As the account's server counts; plain characters while nobody knows how it does.
export function lengthOf(text: string, limits: Limits | null): number {
  const perLink = limits?.characters_per_link ?? 0;
  const counted = perLink > 0 ? text.replace(/https?:\/\/\S+/g, "x".repeat(perLink)) : text;
  return limits?.text_unit === "graphemes" ? [...graphemes.segment(counted)].length : [...counted].length;
}

// What is left, or, where the server was not asked yet, how long it is.
function Count({ text, warning, limits }: { text: string; warning: string; limits: Limits | null }) {
  const length = lengthOf(text, limits) + lengthOf(warning, limits);
  const left = limits ? limits.max_character_limit - length : null;
  return (
    <span class={left !== null && left < 0 ? "bad-text" : "faint"} aria-live="polite">
      {left === null ? `${length} long` : `${left} left`}
    </span>
  );
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
  useEffect(() => setVerdicts(null), [posts, options, account]); // it was said of another text
  const chosen = accounts.value?.find((a) => a.id === account);
  const limits = chosen?.limits ?? null;
  const can = kFeatures[chosen?.platform ?? ""] ?? kFeatures.mastodon!;

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
          {posts.map((draft, i) => (
            <WritePost
              key={i}
              post={draft}
              number={posts.length > 1 ? i + 1 : undefined}
              count={<Count text={draft.text} warning={i === 0 ? options.warning : ""} limits={limits} />}
              polls={can.polls}
              onChange={(changed) => setPosts(posts.map((p, n) => (n === i ? changed : p)))}
            />
          ))}
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
