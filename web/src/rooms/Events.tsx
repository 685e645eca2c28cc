// Events: the log of everything that came in, what could not be understood, and the work that can be done over it.
import { useEffect } from "preact/hooks";
import { useList, withParameters } from "../lib/api.ts";
import { hostOf } from "../lib/format.ts";
import { jobView } from "../lib/jobs.ts";
import { eventHref, place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { useTyping } from "../lib/typing.ts";
import type { LogEvent } from "../lib/types.ts";
import { MoreButton, Segmented, Time, Title } from "../ui/basics.tsx";
import { SearchIcon } from "../ui/icons.tsx";
import { Empty, Failure, FirstSteps, Loading } from "../ui/states.tsx";
import { Jobs } from "./Jobs.tsx";

const kKinds = ["update", "status.update", "delete"];

export function EventState({ event }: { event: LogEvent }) {
  if (event.error) return <span class="state bad">failed</span>;
  if (event.processed_at) return <span class="state ok">applied</span>;
  return <span class="state">waiting</span>;
}

function EventRow({ event }: { event: LogEvent }) {
  return (
    <tr class={event.error ? "failed" : ""} tabIndex={-1} data-item data-href={eventHref(event.id)}>
      <th scope="row" class="number">
        <a href={eventHref(event.id)}>{event.id}</a>
      </th>
      <td data-label="Received">
        <Time at={event.received_at} />
      </td>
      <td data-label="Kind">
        <code>{event.event_type ?? "unknown"}</code>
      </td>
      <td data-label="Instance">{hostOf(event.instance)}</td>
      <td data-label="Post" class="id">
        {event.status_id ?? "–"}
      </td>
      <td data-label="State" class="outcome">
        <EventState event={event} />
        {event.error && <span class="event-error">{event.error}</span>}
      </td>
    </tr>
  );
}

function EventTable({ events }: { events: LogEvent[] }) {
  return (
    <table class="list events">
      <caption class="hidden-text">The event log, newest first</caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            Number
          </th>
          <th scope="col">Received</th>
          <th scope="col">Kind</th>
          <th scope="col">Instance</th>
          <th scope="col">Post</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </tbody>
    </table>
  );
}

function StatusSearch({ value }: { value: string }) {
  const { text, onInput } = useTyping(value, 350, (raw) => setSearch({ status_id: raw.trim() || null }, { replace: true }));
  return (
    <div class="search-box">
      <SearchIcon />
      <input type="search" aria-label="Events about the post with this id" placeholder="Id of a post" value={text} onInput={onInput} data-search autocomplete="off" spellcheck={false} />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

function Filters({ search }: { search: URLSearchParams }) {
  return (
    <form role="search" aria-label="Events" class="filters event-filters" onSubmit={(event) => event.preventDefault()}>
      <StatusSearch value={search.get("status_id") ?? ""} />
      <div class="fields inline">
        <Segmented
          label="Which events"
          name="failed"
          value={search.get("failed") === "true" ? "failed" : "all"}
          choices={[
            { value: "all", label: "All" },
            { value: "failed", label: "Failed only" },
          ]}
          onChange={(value) => setSearch({ failed: value === "failed" ? "true" : null })}
        />
        <label class="field">
          <span>Kind</span>
          <select name="kind" value={search.get("kind") ?? ""} onChange={(event) => setSearch({ kind: (event.target as HTMLSelectElement).value || null })}>
            <option value="">Any</option>
            {kKinds.map((kind) => (
              <option value={kind} key={kind}>
                {kind}
              </option>
            ))}
          </select>
        </label>
      </div>
    </form>
  );
}

function NoEvents({ filtered, failed }: { filtered: boolean; failed: boolean }) {
  if (failed) {
    return (
      <Empty title="Nothing has failed">
        <p>Events that Linnet cannot understand are kept here with the reason, and can be tried again.</p>
      </Empty>
    );
  }
  if (filtered) {
    return (
      <Empty title="No event matches">
        <a class="button" href="/events">
          Show all events
        </a>
      </Empty>
    );
  }
  return (
    <Empty title="The log is empty">
      <FirstSteps />
    </Empty>
  );
}

export function Events() {
  const { search } = useStore(place);
  const failed = search.get("failed") === "true";
  const [kind, statusId] = [search.get("kind"), search.get("status_id")];
  const list = useList<LogEvent>(withParameters("/events", { failed, kind, status_id: statusId, limit: 50 }));
  const { job } = useStore(jobView);
  useEffect(() => {
    if (job && job.state !== "running") list.reload();
  }, [job?.id, job?.state]);
  return (
    <div class="column wide">
      <div class="room-head">
        <Title name="Events" />
        <button type="button" class="button small" onClick={list.reload}>
          Refresh
        </button>
      </div>
      <Jobs />
      <Filters search={search} />
      {list.loading && <Loading what="events" rows={6} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <NoEvents filtered={!!(kind || statusId)} failed={failed} />}
      {list.value && list.value.length > 0 && <EventTable events={list.value} />}
      <MoreButton list={list} />
    </div>
  );
}
