// One hashtag: its history, the tags it keeps company with, its posts.
import { useMemo } from "preact/hooks";
import { withParameters } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { useResource } from "../lib/resource.ts";
import { keyOf } from "../lib/feed.ts";
import { counted, decimal, fullNumber } from "../lib/format.ts";
import { hashtagHref, place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import type { HashtagHistory, Post, RelatedHashtag } from "../lib/api_types.ts";
import { MoreButton, Panel, Segmented, Time } from "../ui/basics.tsx";
import { Chart, type Line } from "../ui/Chart.tsx";
import { PostCard } from "../ui/PostCard.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kRanges = [
  { value: "48", label: "2 days" },
  { value: "168", label: "7 days" },
  { value: "720", label: "30 days" },
];
const kHour = 3600;

// Hours without posts are absent in the answer or zero; the chart wants them all.
function everyHour(history: HashtagHistory): HashtagHistory["hours"] {
  const known = new Map(history.hours.map((one) => [Date.parse(one.hour) / 1000, one]));
  const times = [...known.keys()].filter(Number.isFinite);
  if (times.length === 0) return [];
  const all: HashtagHistory["hours"] = [];
  for (let at = Math.min(...times); at <= Math.max(...times); at += kHour) {
    all.push(known.get(at) ?? { hour: new Date(at * 1000).toISOString(), posts: 0, accounts: 0, engagement: 0 });
  }
  return all;
}

function HistoryChart({ history }: { history: HashtagHistory }) {
  const hours = useMemo(() => everyHour(history), [history]);
  const times = useMemo(() => hours.map((one) => Date.parse(one.hour) / 1000), [hours]);
  const lines = useMemo<Line[]>(
    () => [
      { label: "Posts", values: hours.map((one) => one.posts), colour: "--chart-1", shape: "bars" },
      { label: "Accounts", values: hours.map((one) => one.accounts), colour: "--chart-2", shape: "steps" },
    ],
    [hours],
  );
  const total = hours.reduce((sum, one) => sum + one.posts, 0);
  const most = Math.max(0, ...hours.map((one) => one.posts));
  if (total === 0) {
    return (
      <Empty title="Not used in this time">
        <p>Choose a longer time.</p>
      </Empty>
    );
  }
  const words = `${counted(total, "post")} in ${counted(hours.length, "hour")}, at most ${fullNumber(most)} in one hour.`;
  return (
    <>
      <Chart label="Posts and accounts per hour" summary={words} times={times} lines={lines} height={200} />
      <p class="faint">{words}</p>
    </>
  );
}

function Related({ name }: { name: string }) {
  const related = useResource<{ items: RelatedHashtag[] }>(`/hashtags/${encodeURIComponent(name)}/related?limit=15`);
  const most = Math.max(1, ...(related.value?.items.map((item) => item.count) ?? []));
  return (
    <Panel title="Used together with" id="related-title">
      {related.loading && <Loading what="related tags" />}
      {related.error && !related.value && <Failure error={related.error} onRetry={related.reload} />}
      {related.value?.items.length === 0 && <p class="faint">It stood alone in the last 7 days.</p>}
      <ol class="related">
        {related.value?.items.map((item) => (
          <li key={item.name}>
            <a class="tag" href={hashtagHref(item.name)}>
              <bdi>#{item.name}</bdi>
            </a>
            <meter min={0} max={most} value={item.count} aria-hidden="true" />
            <span class="faint" title="Times as often as chance would put the two together">
              {counted(item.count, "post")}, {decimal(item.lift)}×<span class="hidden-text"> chance</span>
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function TagPosts({ name }: { name: string }) {
  const list = useList<Post>(`/hashtags/${encodeURIComponent(name)}/posts`);
  return (
    <section aria-labelledby="tag-posts-title">
      <header class="panel-head">
        <h2 id="tag-posts-title">Its posts</h2>
        <a href={`/listen/posts?tag=${encodeURIComponent(name)}`}>Filter them</a>
      </header>
      {list.loading && <Loading what="posts" rows={4} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="No posts with this tag" />}
      <ol class="posts">
        {list.value?.map((post) => (
          <li key={keyOf(post)}>
            <PostCard post={post} />
          </li>
        ))}
      </ol>
      <MoreButton list={list} />
    </section>
  );
}

export function HashtagPage({ name }: { name: string }) {
  const { search } = useStore(place);
  const hours = kRanges.find(({ value }) => value === search.get("hours"))?.value ?? "48";
  const history = useResource<HashtagHistory>(withParameters(`/hashtags/${encodeURIComponent(name)}`, { hours }), 60_000);
  return (
    <Page
      name={`#${name}`}
      title={<bdi>#{name}</bdi>}
      back={{ href: "/listen/hashtags", name: "Hashtags" }}
      width="wide"
      about={
        history.value?.first_seen_at && (
          <p class="faint">
            first seen <Time at={history.value.first_seen_at} />
            {history.value.last_seen_at && (
              <>
                , last <Time at={history.value.last_seen_at} />
              </>
            )}
          </p>
        )
      }
    >
      <div class="halves tilted">
        <Panel
          title="History"
          id="history-title"
          aside={
            <Segmented
              label="Time shown"
              name="hours"
              value={hours}
              choices={kRanges}
              onChange={(value) => setSearch({ hours: value === "48" ? null : value }, { replace: true })}
            />
          }
        >
          {history.loading && <Loading what="the history" />}
          {history.error && !history.value && <Failure error={history.error} onRetry={history.reload} />}
          {history.value && <HistoryChart history={history.value} />}
        </Panel>
        <Related name={name} />
      </div>
      <TagPosts name={name} />
    </Page>
  );
}
