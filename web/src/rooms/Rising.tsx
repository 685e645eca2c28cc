import { useResource } from "../lib/resource.ts";
import { counted, fullNumber } from "../lib/format.ts";
import { hashtagHref } from "../lib/router.ts";
import type { RisingHashtag } from "../lib/api_types.ts";
import { Panel } from "../ui/basics.tsx";
import { Sparkline } from "../ui/Sparkline.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const kReadMs = 20_000;
const kShown = 8;

export function Rising() {
  const trends = useResource<{ items: RisingHashtag[] }>(`/hashtags/trending?method=growth&limit=${kShown}`, kReadMs);
  return (
    <Panel title="Rising hashtags" id="rising-title" aside={<a href="/listen/hashtags">All trends</a>}>
      {trends.loading && <Loading what="hashtags" />}
      {trends.error && !trends.value && <Failure error={trends.error} onRetry={trends.reload} />}
      {trends.value?.items.length === 0 && (
        <Empty title="Nothing is rising just now">
          <p>A tag is listed from 3 posts in 4 hours, when that is more than 1.5 times its posts in the 20 hours before.</p>
        </Empty>
      )}
      {trends.value && trends.value.items.length > 0 && (
        <ol class="rising">
          {trends.value.items.map((trend) => (
            <li key={trend.name}>
              <a class="tag" href={hashtagHref(trend.name)}>
                <bdi>#{trend.name}</bdi>
              </a>
              <Sparkline values={trend.sparkline ?? []} />
              <span class="rise" title={`${counted(trend.recent, "post")} in 4 hours, ${fullNumber(trend.baseline)} in the 20 before`}>
                {fullNumber(trend.recent)} <span class="hidden-text">posts </span>in 4 h{" "}
                <span class="faint">{fullNumber(trend.baseline)} before</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
