import { withParameters } from "../lib/api.ts";
import { useResource } from "../lib/resource.ts";
import { keyOf } from "../lib/feed.ts";
import { fullNumber } from "../lib/format.ts";
import { setSearch } from "../lib/router.ts";
import type { PostGain } from "../lib/api_types.ts";
import { PostCard } from "../ui/PostCard.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kMeasures = [
  { value: "favourites", label: "Favourites" },
  { value: "reblogs", label: "Boosts" },
  { value: "replies", label: "Replies" },
  { value: "score", label: "Engagement" },
];
const kWindows = [
  { value: "1h", label: "hour" },
  { value: "6h", label: "6 hours" },
  { value: "24h", label: "day" },
];
const kLeast = ["50", "10", "3"];

function Choose(props: { label: string; name: string; value: string; options: { value: string; label: string }[] }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        name={props.name}
        value={props.value}
        onChange={(event) => setSearch({ [props.name]: (event.target as HTMLSelectElement).value })}
      >
        {props.options.map((option) => (
          <option value={option.value} key={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

export function GainingPosts({ search }: { search: URLSearchParams }) {
  const by = search.get("by") ?? "favourites";
  const window = search.get("window") ?? "1h";
  const min = search.get("min") ?? "10";
  const list = useResource<{ items: PostGain[] }>(withParameters("/posts/velocity", { by, window, min, limit: 50 }), 30_000);
  const measure = kMeasures.find(({ value }) => value === by)?.label.toLowerCase() ?? by;
  const span = kWindows.find(({ value }) => value === window)?.label ?? window;
  return (
    <>
      <div class="fields inline">
        <Choose label="By" name="by" value={by} options={kMeasures} />
        <Choose label="In the last" name="window" value={window} options={kWindows} />
        <Choose label="More than" name="min" value={min} options={kLeast.map((value) => ({ value, label: value }))} />
      </div>
      {list.loading && <Loading what="posts" rows={5} />}
      {list.error && !list.value && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.items.length === 0 && (
        <Empty title="No post gains that fast">
          <p>Ask for fewer, or over a longer time. Counts are known from the stream and from reading young posts again.</p>
        </Empty>
      )}
      <ol class="posts">
        {list.value?.items.map((item) => (
          <li key={keyOf(item)}>
            <PostCard
              post={item.post}
              note={`+${fullNumber(item.gained)} ${measure} in the last ${span}, from ${fullNumber(item.from)} to ${fullNumber(item.to)}`}
            />
          </li>
        ))}
      </ol>
    </>
  );
}
