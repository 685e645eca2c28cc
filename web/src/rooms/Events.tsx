// System: the log of everything that came in, what could not be understood, and the work that can be done over it.
import { useEffect } from "preact/hooks";
import { withParameters } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { hostOf } from "../lib/format.ts";
import { jobView } from "../lib/jobs.ts";
import { eventHref, place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { useTyping } from "../lib/typing.ts";
import type { LoggedEvent } from "../lib/api_types.ts";
import { eventKind, kEventKinds } from "../lib/words.ts";
import { MoreButton, Segmented, Time } from "../ui/basics.tsx";
import { SearchIcon } from "../ui/icons.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, FirstSteps, Loading } from "../ui/states.tsx";
import { Table, type Column } from "../ui/Table.tsx";
import { Jobs } from "./Jobs.tsx";

export function EventState({ event }: { event: LoggedEvent }) {
  if (event.error) return <span class="state bad">failed</span>;
  if (event.processed_at) return <span class="state ok">applied</span>;
  return <span class="state">waiting</span>;
}

const kColumns: Column<LoggedEvent>[] = [
  { name: "Number", isHead: true, kind: "number", cell: ({ id }) => <a href={eventHref(id)}>{id}</a> },
  { name: "Received", kind: "plain", cell: (event) => <Time at={event.received_at} /> },
  { name: "Kind", kind: "plain", cell: (event) => eventKind(event.event_type) },
  { name: "Instance", kind: "plain", cell: (event) => hostOf(event.instance) },
  { name: "Post", kind: "plain", cell: (event) => (event.status_id ? <code class="id">{event.status_id}</code> : "–") },
  {
    name: "State",
    kind: "text",
    cell: (event) => (
      <>
        <EventState event={event} />
        {event.error && <code class="event-error">{event.error}</code>}
      </>
    ),
  },
];

function StatusSearch({ value }: { value: string }) {
  const { text, onInput } = useTyping(value, 350, (raw) => setSearch({ status_id: raw.trim() || null }, { replace: true }));
  return (
    <div class="search-box">
      <SearchIcon />
      <input
        type="search"
        aria-label="Events about the post with this id"
        placeholder="Id of a post"
        value={text}
        onInput={onInput}
        data-search
        autocomplete="off"
        spellcheck={false}
      />
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
          <select
            name="kind"
            value={search.get("kind") ?? ""}
            onChange={(event) => setSearch({ kind: (event.target as HTMLSelectElement).value || null })}
          >
            <option value="">Any</option>
            {Object.entries(kEventKinds).map(([kind, words]) => (
              <option value={kind} key={kind}>
                {words}
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
        <a class="button" href="/manage/system">
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
  const list = useList<LoggedEvent>(withParameters("/events", { failed, kind, status_id: statusId, limit: 50 }));
  const { job } = useStore(jobView);
  useEffect(() => {
    if (job && job.state !== "running") list.reload();
  }, [job?.id, job?.state]);
  return (
    <Page
      name="System"
      width="wide"
      action={
        <button type="button" class="button small" onClick={list.reload}>
          Refresh
        </button>
      }
      filters={<Filters search={search} />}
    >
      <Jobs />
      {list.loading && <Loading what="events" rows={6} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <NoEvents filtered={!!(kind || statusId)} failed={failed} />}
      {list.value && list.value.length > 0 && (
        <Table
          label="The event log, newest first"
          class="events"
          columns={kColumns}
          rows={list.value}
          keyOf={({ id }) => String(id)}
          hrefOf={({ id }) => eventHref(id)}
          classOf={({ error }) => (error ? "failed" : "")}
        />
      )}
      <MoreButton list={list} />
    </Page>
  );
}
