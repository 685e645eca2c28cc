// A post, or a thread of them: written, checked against every rule, sent for approval.
import { useEffect, useState } from "preact/hooks";
import type { Account, PlatformLimits, RequestedAction, Verdict } from "../lib/api_types.ts";
import { ApiError, post } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import {
  actionOf,
  emptyPost,
  forgetUploads,
  isEmptyPost,
  isWorthKeeping,
  keptOf,
  kFeatures,
  noOptions,
  notThere,
  pollProblem,
  takenUp,
  type KeptDraft,
} from "../lib/compose.ts";
import { useAutosave, useDraft } from "../lib/draft.ts";
import { counted, fullNumber, hostOf } from "../lib/format.ts";
import { useRequestKey } from "../lib/request_key.ts";
import { actionHref, navigate, place } from "../lib/router.ts";
import { loadNotices, may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { platformWord } from "../lib/words.ts";
import { DraftElsewhere } from "../ui/DraftElsewhere.tsx";
import { Field, Form, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { Verdicts } from "../ui/Verdicts.tsx";
import { WriteOptions } from "./WriteOptions.tsx";
import { WritePost } from "./WritePost.tsx";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const plainLength = (text: string, limits: PlatformLimits | null) =>
  limits && limits.text_unit !== "characters" ? [...graphemes.segment(text)].length : [...text].length;

// As the account's server counts. Links and mentions count in its own way, which Linnet is asked for; until it has
// answered they count as they are.
function useLength(account: string, text: string, warning: string, limits: PlatformLimits | null): number {
  const [counted, setCounted] = useState({ of: "", length: 0 });
  const key = JSON.stringify([account, text, warning]);
  const isAsked = limits?.text_unit === "mastodon" && (text.includes("://") || text.includes("@"));
  useEffect(() => {
    if (!isAsked) return;
    const timer = setTimeout(() => {
      post<{ length: number }>(`/accounts/${account}/text-length`, { text, spoiler_text: warning })
        .then(({ length }) => setCounted({ of: key, length }))
        .catch(() => {}); // «Check» tells
    }, 200);
    return () => clearTimeout(timer);
  }, [key, isAsked]);
  if (isAsked && counted.of === key) return counted.length;
  return plainLength(text, limits) + plainLength(warning, limits);
}

// What is left, or, where the server does not say how much it takes, how long it is.
function Count(props: {
  account: string;
  text: string;
  warning: string;
  limits: PlatformLimits | null;
  onLeft: (left: number | null) => void;
}) {
  const { account, text, warning, limits, onLeft } = props;
  const length = useLength(account, text, warning, limits);
  const most = limits?.max_character_limit ?? null;
  const left = most === null ? null : most - length;
  useEffect(() => onLeft(left), [left]);
  return (
    <span class={left !== null && left < 0 ? "bad-text" : "faint"} aria-live="polite">
      {left === null ? `${length} long` : `${left} left`}
    </span>
  );
}

// Files wait for their post for a day.
const areGone = (error: unknown) => error instanceof ApiError && error.status === 404 && error.detail.startsWith("media.upload");

const tooLong = (left: number | null | undefined, limits: PlatformLimits | null) =>
  left != null && left < 0
    ? `${counted(-left, "character")} too long: the account’s server takes ${fullNumber(limits?.max_character_limit ?? 0)}.`
    : "";

export function Write() {
  const { search } = useStore(place);
  const answers = search.get("reply");
  const quotes = search.get("quote") ?? "";
  const draftName = answers ? `reply ${answers}` : quotes ? `quote ${quotes}` : "post";
  const accounts = useList<Account>("/accounts");
  const [account, setAccount] = useState(search.get("account") ?? "");
  const [posts, setPosts] = useState([emptyPost()]);
  const [options, setOptions] = useState(noOptions(quotes));
  const [left, setLeft] = useState<Record<number, number | null>>({}); // by post
  const [empty, setEmpty] = useState({ at: -1, tries: 0 }); // the post that is not sent as it says nothing
  const [verdicts, setVerdicts] = useState<{ all: Verdict[]; isRefused: boolean } | null>(null);
  const [isTakenUp, setTakenUp] = useState(false);
  const work = useWork();
  const withKey = useRequestKey();
  const takeUp = (draft: KeptDraft) => {
    const found = takenUp(draft);
    setPosts(found.posts);
    setOptions(found.options);
    if (!search.get("account")) setAccount(found.account);
    setTakenUp(true);
  };
  const isRead = useDraft<KeptDraft>(draftName, takeUp);
  const saving = useAutosave(isRead ? draftName : null, keptOf({ account, posts, options }), isWorthKeeping(posts));
  const usable = accounts.value?.filter((a) => a.is_active) ?? [];
  useEffect(() => {
    if (isRead && !usable.some(({ id }) => id === account) && usable[0]) setAccount(usable[0].id);
  }, [accounts.value, isRead]);
  useEffect(() => setEmpty({ at: -1, tries: 0 }), [posts]);
  useEffect(() => setVerdicts(null), [posts, options, account]); // it was said of another text
  const chosen = accounts.value?.find((a) => a.id === account);
  const limits = chosen?.limits ?? null;
  const can = kFeatures[chosen?.platform ?? ""] ?? kFeatures.mastodon!;

  const missing = notThere(posts);
  const lost = missing.filter((picture) => picture.trouble !== "").length;
  const polls = posts.map((draft) => pollProblem(draft, chosen?.platform ?? ""));
  const isTooMuch = polls.some(Boolean) || posts.some((_, i) => tooLong(left[i], limits) !== "");
  const isReady = !work.busy && missing.length === 0 && !isTooMuch;

  const ask = (extra: object) =>
    post<RequestedAction>("/actions", {
      type: answers ? "reply" : "publish",
      account,
      ...(answers ? { post_id: answers } : {}),
      ...actionOf(posts, options, chosen?.platform ?? ""),
      ...extra,
    }).catch((error) => {
      if (!areGone(error)) throw error;
      setPosts((all) => forgetUploads(all, "It waited too long."));
      throw new ApiError(409, "The files are no longer there", "They wait for a day. Send them again.");
    });
  const saysSomething = () => {
    const at = posts.findIndex(isEmptyPost);
    if (at >= 0) setEmpty({ at, tries: empty.tries + 1 });
    return at < 0;
  };
  const check = () =>
    saysSomething() &&
    work.run(async () => {
      setVerdicts({ all: (await ask({ dry_run: true })).verdicts, isRefused: false });
    });
  // What a rule refuses stays here, where it can be mended, and becomes no action that is dead from its beginning.
  const send = (approve: boolean) =>
    saysSomething() &&
    work.run(async () => {
      const { verdicts: all, decision } = await ask({ dry_run: true });
      if (decision.decision === "deny") return setVerdicts({ all, isRefused: true });
      const asked = await withKey((request_key) => ask({ approve, request_key }));
      saving.forget();
      await loadNotices();
      navigate(asked.approval_id ? "/publish/approvals" : actionHref(asked.actions[0]!.id));
    });
  const startAfresh = () => {
    setPosts([emptyPost()]);
    setOptions(noOptions(quotes));
    setTakenUp(false);
  };

  const name = answers ? "Answer" : "New post";
  return (
    <Page name={name}>
      {accounts.loading && <Loading what="accounts" />}
      {accounts.error && <Failure error={accounts.error} onRetry={accounts.reload} />}
      {accounts.value && usable.length === 0 && (
        <Empty title="There is no account to write with yet">
          <a class="button" href="/manage/accounts">
            Add an account
          </a>
        </Empty>
      )}
      {usable.length > 0 && isRead && (
        <Form work={work} onSubmit={() => isReady && void send(false)}>
          <DraftElsewhere<KeptDraft> name={isRead ? draftName : null} onShow={takeUp} />
          {isTakenUp && (
            <p class="faint" role="status">
              Taken up where you left it.{" "}
              <button type="button" class="link" onClick={startAfresh}>
                Start afresh
              </button>
            </p>
          )}
          <Field label="Account" name="account">
            <select value={account} onChange={(e) => setAccount(e.currentTarget.value)}>
              {usable.map((a) => (
                <option key={a.id} value={a.id}>
                  @{a.username} · {platformWord(a.platform)} · {hostOf(a.instance)}
                </option>
              ))}
            </select>
          </Field>
          {posts.map((draft, i) => (
            <WritePost
              key={i}
              post={draft}
              number={posts.length > 1 ? i + 1 : undefined}
              count={
                <Count
                  account={account}
                  text={draft.text}
                  warning={i === 0 ? options.warning : ""}
                  limits={limits}
                  onLeft={(rest) => setLeft((all) => ({ ...all, [i]: rest }))}
                />
              }
              polls={can.polls}
              limits={limits}
              problem={tooLong(left[i], limits)}
              pollProblem={polls[i] ?? ""}
              emptyTries={empty.at === i ? empty.tries : 0}
              focus={i === posts.length - 1}
              onChange={(change) => setPosts((all) => all.map((p, n) => (n === i ? change(p) : p)))}
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
            <button type="submit" class="button primary" disabled={!isReady || !may("act")}>
              Send for approval
            </button>
            {may("approve") && (
              <button type="button" class="button" disabled={!isReady} onClick={() => void send(true)}>
                Approve and send
              </button>
            )}
            <button type="button" class="button" disabled={!isReady} onClick={check}>
              Check
            </button>
          </div>
          <p role="status" class="faint">
            {lost > 0 && `${counted(lost, "file")} did not arrive. Send each again, or remove it.`}
            {lost === 0 && missing.length > 0 && `${counted(missing.length, "file")} on the way; the post can be sent when all are there.`}
          </p>
          {verdicts?.isRefused && (
            <p class="bad-text" role="alert">
              Not sent. It stays here until what stands in its way is mended:
            </p>
          )}
          {verdicts && <Verdicts verdicts={verdicts.all} />}
        </Form>
      )}
    </Page>
  );
}
