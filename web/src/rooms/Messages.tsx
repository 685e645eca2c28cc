// Conversations: what people wrote is shown only while they agree to it.
import { useRef, useState } from "preact/hooks";
import type { Conversation as Thread, Message } from "../lib/api_types.ts";
import { post } from "../lib/api.ts";
import { useAutosave, useDraft } from "../lib/draft.ts";
import { useFollowing, useList } from "../lib/list.ts";
import { useRequestKey } from "../lib/request_key.ts";
import { may } from "../lib/session.ts";
import { plainly } from "../lib/words.ts";
import { Badge, Time } from "../ui/basics.tsx";
import { DraftElsewhere } from "../ui/DraftElsewhere.tsx";
import { Confirm, Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kFollowMs = 15_000;

const nameOf = (thread: Thread) => thread.participant_username || "Somebody whose name is not known";
// Each of its people agrees alone, and it is not written to.
const isGroup = (thread: Thread) => thread.participant_id === "";

function Said({ thread }: { thread: Thread }) {
  const list = useList<Message>(`/threads/${thread.id}/messages`);
  if (list.loading) return <Loading what="messages" />;
  if (list.error) return <Failure error={list.error} onRetry={list.reload} />;
  const others = [...new Set(list.value?.filter((message) => !message.is_from_us).map((message) => message.sender_id))];
  return (
    <ol class="messages">
      {list.value?.map((message) => (
        <li key={message.id} class={message.is_from_us ? "ours" : ""}>
          <b>{message.is_from_us ? "You" : isGroup(thread) ? `Person ${others.indexOf(message.sender_id) + 1}` : nameOf(thread)}</b>{" "}
          {message.sent_at && <Time at={message.sent_at} />}
          <p>{message.is_redacted ? <i>removed</i> : (message.text ?? <i>{plainly(message.text_error ?? "")}</i>)}</p>
        </li>
      ))}
    </ol>
  );
}

function Answer({ thread }: { thread: Thread }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const work = useWork();
  const withKey = useRequestKey();
  const draft = `answer ${thread.id}`;
  const isRead = useDraft<string>(draft, setText);
  useAutosave(isRead ? draft : null, text, text.trim() !== "");
  const send = () =>
    void work.run(async () => {
      await withKey((request_key) =>
        post("/actions", { type: "dm_send", account: thread.account_id, thread_id: thread.platform_thread_id, text, request_key }),
      );
      setText("");
      setSaid("It waits under Approvals, unless the account may publish without approval.");
    });
  return (
    <Form work={work} onSubmit={send} fields={["text"]}>
      <DraftElsewhere name={isRead ? draft : null} onShow={setText} />
      <Field label="Answer" name="text">
        <textarea rows={3} required value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </Field>
      <FormButtons does="Send for approval" busy={work.busy} />
      <p role="status">{said}</p>
    </Form>
  );
}

function Conversation({ thread, onChange }: { thread: Thread; onChange: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, run, trouble } = useWork();
  const consent = (path: string) => () =>
    void run(async () => {
      await post(path, {
        user_id: thread.participant_id,
        consent_type: "dm_read",
        platform: thread.platform,
        server_id: thread.server_id ?? "",
      });
      dialog.current?.close();
      onChange();
    });
  return (
    <section class="panel" aria-labelledby={`thread-${thread.id}`}>
      <header class="panel-head">
        <h2 id={`thread-${thread.id}`}>{nameOf(thread)}</h2>
        {isGroup(thread) ? (
          <Badge>Group: read of those who consent</Badge>
        ) : (
          <Badge kind={thread.has_consent ? "positive" : "warn"}>
            {thread.has_consent ? "Read with their consent" : "Hidden until they consent"}
          </Badge>
        )}
      </header>
      {may("consent") && !isGroup(thread) && (
        <div class="row">
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={thread.has_consent ? () => dialog.current?.showModal() : consent("/consents")}
          >
            {thread.has_consent ? "Withdraw consent" : "Record consent"}
          </button>
        </div>
      )}
      <Confirm
        dialog={dialog}
        id={`revoke-${thread.id}`}
        title={`Does ${nameOf(thread)} take it back?`}
        no="Not now"
        yes="Remove what was read"
        busy={busy}
        onYes={consent("/consents/revoke")}
      >
        <p>
          What they wrote and Linnet has read is removed for good, in every conversation with them, and nothing more is read. What you wrote
          stays.
        </p>
        <p>If they agree again later, only what they write from then on can be read.</p>
        {trouble}
      </Confirm>
      {!thread.has_consent && trouble}
      <details>
        <summary>Messages {thread.unread_count > 0 && <span class="badge notable">{thread.unread_count} new</span>}</summary>
        <Said thread={thread} />
        {may("act") && !isGroup(thread) && <Answer thread={thread} />}
      </details>
    </section>
  );
}

export function Messages() {
  const list = useList<Thread>("/threads");
  useFollowing(list.refresh, kFollowMs);
  return (
    <Page name="Messages">
      {list.loading && <Loading what="conversations" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="No conversation yet; they are read every few minutes" />}
      {list.value?.map((thread) => (
        <Conversation key={thread.id} thread={thread} onChange={list.reload} />
      ))}
    </Page>
  );
}
