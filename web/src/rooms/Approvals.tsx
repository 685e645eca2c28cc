// What waits for a person's word. Keys: j and k move, a approves, t a whole thread, e edits, r rejects.
import { useEffect, useRef, useState } from "preact/hooks";
import { typeWord, type Approval, type PostConcerned } from "../lib/acting.ts";
import { post, useList } from "../lib/api.ts";
import { safeHref } from "../lib/html.ts";
import { onKey } from "../lib/keyboard.ts";
import { postHref } from "../lib/router.ts";
import { loadNotices, may } from "../lib/session.ts";
import { Badge, Time, Title } from "../ui/basics.tsx";
import { DraftFacts, Thumbnails } from "../ui/DraftFacts.tsx";
import { useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { VerdictList } from "../ui/Verdicts.tsx";

// What is known of the person and of earlier dealings with them.
const kKnown = [
  ["person", "Person"],
  ["previous_interactions", "Earlier dealings"],
  ["follower_count", "Followers"],
  ["post_count", "Posts known here"],
] as const;

function Context({ approval }: { approval: Approval }) {
  const { context, action } = approval;
  return (
    <dl class="facts">
      <div>
        <dt>In the name of</dt>
        <dd>
          @{context.account} on {context.server || action.platform}
        </dd>
      </div>
      {kKnown.map(
        ([name, label]) =>
          context.person &&
          context[name] !== undefined && (
            <div key={name}>
              <dt>{label}</dt>
              <dd>{String(context[name])}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Concerned({ post, how }: { post: PostConcerned; how: string }) {
  const away = safeHref(post.url);
  return (
    <figure class="concerned">
      <figcaption>
        {how} {post.author || "somebody"}, <Time at={post.created_at} />
        {" · "}
        <a href={postHref(post)}>here</a>
        {away && (
          <>
            {" · "}
            <a href={away} rel="noreferrer noopener" target="_blank">
              on the network
            </a>
          </>
        )}
      </figcaption>
      <blockquote class="words" dir="auto">
        {post.spoiler_text && <b>{post.spoiler_text}: </b>}
        {post.is_deleted ? "It was deleted." : post.text || "No text."}
      </blockquote>
    </figure>
  );
}

// What it is about, where the post is not known here: at least where it can be looked at.
function About({ approval }: { approval: Approval }) {
  const { post, quoted, post_url } = approval.context;
  const away = safeHref(post_url);
  return (
    <>
      {post && <Concerned post={post} how="Answers" />}
      {!post && away && (
        <p>
          <a href={away} rel="noreferrer noopener" target="_blank">
            The post it is about, on the network
          </a>
        </p>
      )}
      {quoted && <Concerned post={quoted} how="Quotes" />}
    </>
  );
}

// The posts behind this one in its thread that wait as well.
function postsBehind(approval: Approval, all: Approval[]): Approval[] {
  const next = all.find((other) => other.action.depends_on === approval.action.id);
  return next ? [next, ...postsBehind(next, all)] : [];
}

interface RequestProps {
  approval: Approval;
  behind: Approval[];
  current: boolean;
  onDecided: () => void;
}

function Request({ approval, behind, current, onDecided }: RequestProps) {
  const card = useRef<HTMLElement>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const { busy, run, trouble } = useWork();
  const beginsThread = behind.length > 0;
  const decide = (decision: "approve" | "reject", thread = false) =>
    run(async () => {
      await post(`/approvals/${approval.id}`, { decision, thread, ...(edited === null ? {} : { text: edited }) });
      await loadNotices();
      onDecided();
    });
  useEffect(() => {
    if (!current) return;
    card.current?.focus();
    const keys = [onKey("a", () => void decide("approve")), onKey("r", () => void decide("reject")), onKey("e", () => setEdited(approval.action.text ?? ""))];
    if (beginsThread && edited === null) keys.push(onKey("t", () => void decide("approve", true)));
    return () => keys.forEach((off) => off());
  }, [current, edited, beginsThread]);
  return (
    <article ref={card} class={`panel request ${current ? "current" : ""}`} tabIndex={-1} aria-labelledby={`r-${approval.id}`} data-approval={approval.id}>
      <header class="panel-head">
        <h2 id={`r-${approval.id}`}>
          {typeWord(approval.action.action_type)}
          {approval.action.target_name ? ` to ${approval.action.target_name}` : ""}
          {beginsThread && `, with ${behind.length} more behind it in its thread`}
          {approval.action.depends_on && ", later in a thread"}
        </h2>
        <Badge kind="warn">expires <Time at={approval.expires_at} /></Badge>
      </header>
      <About approval={approval} />
      {edited === null ? (
        <blockquote class="words" dir="auto">{approval.action.text ?? "—"}</blockquote>
      ) : (
        <label class="field">
          <span>Text</span>
          <textarea rows={5} value={edited} onInput={(e) => setEdited(e.currentTarget.value)} />
        </label>
      )}
      <Thumbnails action={approval.action} />
      <DraftFacts action={approval.action} />
      <p>{approval.reason}. Asked for by {approval.action.requested_by}.</p>
      <Context approval={approval} />
      {!!approval.context.verdicts?.length && <VerdictList verdicts={approval.context.verdicts} />}
      {may("approve") && (
        <div class="row">
          <button type="button" class="button primary" disabled={busy} onClick={() => void decide("approve")}>
            {edited === null ? "Approve" : "Approve with this text"} <kbd aria-hidden="true">a</kbd>
          </button>
          {beginsThread && edited === null && (
            <button type="button" class="button" disabled={busy} onClick={() => void decide("approve", true)}>
              Approve the whole thread <kbd aria-hidden="true">t</kbd>
            </button>
          )}
          {approval.action.text !== null && edited === null && (
            <button type="button" class="button" onClick={() => setEdited(approval.action.text ?? "")}>
              Edit <kbd aria-hidden="true">e</kbd>
            </button>
          )}
          <button type="button" class="button" disabled={busy} onClick={() => void decide("reject")}>
            Reject <kbd aria-hidden="true">r</kbd>
          </button>
        </div>
      )}
      {trouble}
    </article>
  );
}

export function Approvals() {
  const list = useList<Approval>("/approvals");
  const [at, setAt] = useState(0);
  const [said, setSaid] = useState("");
  const count = list.value?.length ?? 0;
  useEffect(() => {
    const keys = [onKey("j", () => setAt((n) => Math.min(n + 1, count - 1))), onKey("k", () => setAt((n) => Math.max(n - 1, 0)))];
    return () => keys.forEach((off) => off());
  }, [count]);
  const decided = () => {
    setSaid("Done. It is under Actions.");
    list.reload();
  };
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Approvals" />
      </div>
      <p role="status">{said && <a href="/actions">{said}</a>}</p>
      {list.loading && <Loading what="requests" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nothing waits for your word" />}
      {list.value?.map((approval, i) => (
        <Request key={approval.id} approval={approval} behind={postsBehind(approval, list.value ?? [])} current={i === at} onDecided={decided} />
      ))}
    </div>
  );
}
