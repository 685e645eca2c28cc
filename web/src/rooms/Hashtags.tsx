// Hashtags: what is rising, measured in three ways.
import { withParameters } from "../lib/api.ts";
import { useResource } from "../lib/resource.ts";
import { fineDecimal, fullNumber, shortNumber } from "../lib/format.ts";
import { hashtagHref, place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { useTyping } from "../lib/typing.ts";
import type { Hashtag, RisingHashtag, Trends } from "../lib/api_types.ts";
import { Segmented, Time } from "../ui/basics.tsx";
import { SearchIcon } from "../ui/icons.tsx";
import { Sparkline } from "../ui/Sparkline.tsx";
import { Page } from "../ui/Page.tsx";
import { Table, type Column } from "../ui/Table.tsx";
import { Empty, Failure, FirstSteps, Loading } from "../ui/states.tsx";

interface Method {
  value: Trends["method"];
  label: string;
  explained: string;
  recent: string;
  baseline: string;
  none: string;
}

const kMethods: Method[] = [
  {
    value: "growth",
    label: "Growth",
    explained: "Tags with at least 3 posts in the last 4 hours, and more than 1.5 times as many as in the 20 hours before those.",
    recent: "4 hours",
    baseline: "20 h before",
    none: "No tag has grown that much in the last 4 hours.",
  },
  {
    value: "spike",
    label: "Spike",
    explained: "The last hour against the same hour yesterday, in proportion, fading as the tag’s newest post gets older.",
    recent: "This hour",
    baseline: "Yesterday",
    none: "No tag was used in the last hour more than in the same hour yesterday.",
  },
  {
    value: "burst",
    label: "Burst",
    explained:
      "How far the number of different accounts using a tag is above what its own past leads one to expect, so that one loud account makes no trend.",
    recent: "Recent",
    baseline: "Before",
    none: "No tag is used by unexpectedly many accounts.",
  },
];

const TagLink = ({ name }: { name: string }) => (
  <a class="tag" href={hashtagHref(name)}>
    <bdi>#{name}</bdi>
  </a>
);

const baselineOf = ({ baseline }: RisingHashtag) => (Number.isInteger(baseline) ? fullNumber(baseline) : fineDecimal(baseline));

const trendColumns = (method: Method): Column<RisingHashtag>[] => [
  { name: "Hashtag", isHead: true, cell: ({ name }) => <TagLink name={name} /> },
  { name: "Last 24 hours", cell: ({ sparkline }) => <Sparkline values={sparkline ?? []} /> },
  { name: method.recent, kind: "number", cell: ({ recent }) => <b>{fullNumber(recent)}</b> },
  { name: method.baseline, kind: "number", cell: baselineOf },
  { name: "Accounts", kind: "number", isOptional: true, cell: ({ accounts }) => (accounts == null ? "–" : fullNumber(accounts)) },
  { name: "Score", kind: "number", isOptional: true, cell: ({ score }) => (score == null ? "–" : fineDecimal(score)) },
];

function TrendTable({ trends, method }: { trends: RisingHashtag[]; method: Method }) {
  return (
    <Table
      label={`Hashtags by ${method.label.toLowerCase()}, the strongest first`}
      class="trends"
      compact
      columns={trendColumns(method)}
      rows={trends}
      keyOf={({ name }) => name}
      hrefOf={({ name }) => hashtagHref(name)}
    />
  );
}

const kFoundColumns: Column<Hashtag>[] = [
  { name: "Hashtag", isHead: true, cell: ({ name }) => <TagLink name={name} /> },
  { name: "Posts", kind: "number", cell: ({ posts }) => shortNumber(posts) },
  { name: "Last used", kind: "plain", cell: ({ last_seen_at }) => last_seen_at && <Time at={last_seen_at} /> },
];

function Rising() {
  const { search } = useStore(place);
  const method = kMethods.find(({ value }) => value === search.get("method")) ?? kMethods[0]!;
  const trends = useResource<{ items: RisingHashtag[] }>(withParameters("/hashtags/trending", { method: method.value, limit: 50 }), 30_000);
  return (
    <>
      <div class="method">
        <Segmented
          label="How trends are measured"
          name="method"
          value={method.value}
          choices={kMethods}
          onChange={(value) => setSearch({ method: value === "growth" ? null : value })}
        />
        <p class="method-words" aria-live="polite">
          {method.explained}
        </p>
      </div>
      {trends.loading && <Loading what="trends" rows={6} />}
      {trends.error && !trends.value && <Failure error={trends.error} onRetry={trends.reload} />}
      {trends.value?.items.length === 0 && <NoTrends method={method} />}
      {trends.value && trends.value.items.length > 0 && <TrendTable trends={trends.value.items} method={method} />}
    </>
  );
}

function NoTrends({ method }: { method: Method }) {
  const any = useResource<{ items: Hashtag[] }>("/hashtags?limit=1");
  if (any.value?.items.length === 0) {
    return (
      <Empty title="No hashtags yet">
        <FirstSteps />
      </Empty>
    );
  }
  return (
    <Empty title={method.none}>
      <p>Try another measure, or look for a tag by its name above.</p>
    </Empty>
  );
}

function Found({ prefix }: { prefix: string }) {
  const found = useResource<{ items: Hashtag[] }>(withParameters("/hashtags", { query: prefix, limit: 40 }));
  if (found.loading) return <Loading what="hashtags" rows={4} />;
  if (found.error) return <Failure error={found.error} onRetry={found.reload} />;
  const items = found.value?.items ?? [];
  if (items.length === 0) {
    return (
      <Empty title={`No hashtag begins with “${prefix}”`}>
        <p>Tags are found by their beginning. Words inside posts are found in Posts.</p>
        <a class="button" href={`/listen/posts?query=${encodeURIComponent(prefix)}`}>
          Search posts instead
        </a>
      </Empty>
    );
  }
  return (
    <Table
      label={`Hashtags that begin with ${prefix}`}
      compact
      columns={kFoundColumns}
      rows={items}
      keyOf={({ instance, name }) => `${instance}/${name}`}
      hrefOf={({ name }) => hashtagHref(name)}
    />
  );
}

function TagSearch({ value }: { value: string }) {
  const { text, onInput } = useTyping(value, 250, (raw) => setSearch({ query: raw.trim().replace(/^#/, "") || null }, { replace: true }));
  return (
    <form role="search" aria-label="Hashtags" class="filters" onSubmit={(event) => event.preventDefault()}>
      <div class="search-box">
        <SearchIcon />
        <input
          type="search"
          aria-label="Find a hashtag by its beginning"
          placeholder="Find a hashtag"
          value={text}
          onInput={onInput}
          data-search
          autocomplete="off"
          autocapitalize="off"
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
    </form>
  );
}

export function Hashtags() {
  const { search } = useStore(place);
  const query = search.get("query") ?? "";
  return (
    <Page name="Hashtags" width="wide" filters={<TagSearch value={query} />}>
      {query ? <Found prefix={query} /> : <Rising />}
    </Page>
  );
}
