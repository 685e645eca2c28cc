// One event of the log, with exactly what was received.
import { useState } from "preact/hooks";
import { useResource } from "../lib/resource.ts";
import { absoluteTime, hostOf } from "../lib/format.ts";
import type { LoggedEventDetail } from "../lib/api_types.ts";
import { eventKind } from "../lib/words.ts";
import { Panel, Time } from "../ui/basics.tsx";
import { Json } from "../ui/Json.tsx";
import { Page } from "../ui/Page.tsx";
import { Failure, Loading } from "../ui/states.tsx";
import { EventState } from "./Events.tsx";

function CopyButton({ text }: { text: () => string }) {
  const [said, setSaid] = useState("Copy");
  const copy = () => {
    // Only offered by the browser on this machine or over https.
    const done = navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error("no clipboard"));
    done.then(
      () => setSaid("Copied"),
      () => setSaid("Could not copy"),
    );
  };
  return (
    <button type="button" class="button small" onClick={copy} aria-live="polite">
      {said}
    </button>
  );
}

function Facts({ event }: { event: LoggedEventDetail }) {
  return (
    <dl class="event-facts">
      <div>
        <dt>State</dt>
        <dd>
          <EventState event={event} />
        </dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>{eventKind(event.event_type)}</dd>
      </div>
      <div>
        <dt>Instance</dt>
        <dd>{hostOf(event.instance)}</dd>
      </div>
      <div>
        <dt>Received</dt>
        <dd>
          <Time at={event.received_at} /> <span class="faint">{absoluteTime(event.received_at)}</span>
        </dd>
      </div>
      {event.processed_at && (
        <div>
          <dt>Applied</dt>
          <dd>
            <Time at={event.processed_at} />
          </dd>
        </div>
      )}
      {event.status_id && (
        <div>
          <dt>Post</dt>
          <dd>
            <a href={`/manage/system?status_id=${encodeURIComponent(event.status_id)}`}>All events about this post</a>
          </dd>
        </div>
      )}
    </dl>
  );
}

export function EventPage({ id }: { id: string }) {
  const event = useResource<LoggedEventDetail>(`/events/${encodeURIComponent(id)}`);
  const loaded = event.value;
  const raw = loaded?.payload_raw;
  return (
    <Page name={`Event ${id}`} back={{ href: "/manage/system", name: "System" }}>
      {event.loading && <Loading what="the event" rows={3} />}
      {event.error && !loaded && <Failure error={event.error} onRetry={event.reload} />}
      {loaded && (
        <>
          <Facts event={loaded} />
          {loaded.error && (
            <div class="failure">
              <p class="failure-title">Linnet could not apply this event</p>
              <p>
                <code>{loaded.error}</code>
              </p>
              <p>It is kept as it came. “Retry failed” in System tries it again, for instance after an update of Linnet.</p>
            </div>
          )}
          <Panel
            title={raw === undefined ? "Payload" : "Payload, as it came: it is not JSON"}
            id="payload-title"
            aside={<CopyButton text={() => raw ?? JSON.stringify(loaded.payload, null, 2)} />}
          >
            <pre class="payload" tabIndex={0}>
              {raw === undefined ? <Json value={loaded.payload} /> : raw}
            </pre>
          </Panel>
        </>
      )}
    </Page>
  );
}
