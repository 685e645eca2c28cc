// Conversations: what people wrote is shown only while they agree to it.
import { useState } from "preact/hooks";
import { post, useList } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import { Badge, Time, Title } from "../ui/basics.tsx";
import { useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

interface Thread {
  id: string;
  platform: string;
  platform_thread_id: string;
  account_id: string;
  participant_id: string;
  server_id: string | null;
  participant_username: string;
  last_message_at: string | null;
  unread_count: number;
  has_consent: boolean;
}

interface Message {
  id: string;
  is_from_us: boolean;
  sender_id: string | null;
  text: string | null;
  text_error: string | null;
  is_redacted: boolean;
  sent_at: string | null;
}

const nameOf = (thread: Thread) => thread.participant_username || thread.participant_id;
// Each of its people agrees alone, and it is not written to.
const isGroup = (thread: Thread) => thread.participant_id === "";

function Messages({ thread }: { thread: Thread }) {
  const list = useList<Message>(`/threads/${thread.id}/messages`);
  if (list.loading) return <Loading what="messages" />;
  if (list.error) return <Failure error={list.error} onRetry={list.reload} />;
  return (
    <ol class="messages">
      {list.value?.map((message) => (
        <li key={message.id} class={message.is_from_us ? "ours" : ""}>
          <b>{message.is_from_us ? "You" : isGroup(thread) ? message.sender_id : nameOf(thread)}</b> {message.sent_at && <Time at={message.sent_at} />}
          <p>{message.is_redacted ? <i>removed</i> : (message.text ?? <i>{message.text_error}</i>)}</p>
        </li>
      ))}
    </ol>
  );
}

function Answer({ thread }: { thread: Thread }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const { busy, run, trouble } = useWork();
  const send = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/actions", { type: "dm_send", account: thread.account_id, thread_id: thread.platform_thread_id, text });
      setText("");
      setSaid("It waits under Approvals, unless the account’s settings let it go.");
    });
  };
  return (
    <form class="form" onSubmit={send}>
      <label class="field">
        <span>Answer</span>
        <textarea rows={3} required value={text} onInput={(e) => setText(e.currentTarget.value)} />
      </label>
      <button class="button" disabled={busy}>
        Send for approval
      </button>
      <p role="status">{said}</p>
      {trouble}
    </form>
  );
}

function Conversation({ thread, onChange }: { thread: Thread; onChange: () => void }) {
  const { busy, run, trouble } = useWork();
  const consent = (path: string) => () =>
    void run(async () => {
      await post(path, { user_id: thread.participant_id, consent_type: "dm_read", platform: thread.platform, server_id: thread.server_id ?? "" });
      onChange();
    });
  return (
    <section class="panel" aria-labelledby={`thread-${thread.id}`}>
      <header class="panel-head">
        <h2 id={`thread-${thread.id}`}>{nameOf(thread)}</h2>
        {isGroup(thread) ? (
          <Badge>group: read of those who agreed</Badge>
        ) : (
          <Badge kind={thread.has_consent ? "positive" : "warn"}>{thread.has_consent ? "agreed to be read" : "not read: no consent"}</Badge>
        )}
      </header>
      {may("consent") && !isGroup(thread) && (
        <div class="row">
          <button type="button" class="button small" disabled={busy} onClick={consent(thread.has_consent ? "/consents/revoke" : "/consents")}>
            {thread.has_consent ? "They take it back" : "They agreed"}
          </button>
        </div>
      )}
      {trouble}
      <details>
        <summary>
          Messages {thread.unread_count > 0 && <span class="badge notable">{thread.unread_count} new</span>}
        </summary>
        <Messages thread={thread} />
        {may("act") && !isGroup(thread) && <Answer thread={thread} />}
      </details>
    </section>
  );
}

export function Inbox() {
  const list = useList<Thread>("/threads");
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Inbox" />
      </div>
      {list.loading && <Loading what="conversations" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="No conversation yet; they are read every few minutes" />}
      {list.value?.map((thread) => <Conversation key={thread.id} thread={thread} onChange={list.reload} />)}
    </div>
  );
}
