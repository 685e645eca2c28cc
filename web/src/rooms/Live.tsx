// Live: what is happening, as it happens.
import { useResource } from "../lib/resource.ts";
import { counted, decimal, fullNumber } from "../lib/format.ts";
import { lastRate } from "../lib/live.ts";
import { useStore } from "../lib/store.ts";
import type { Status } from "../lib/api_types.ts";
import { engineWord } from "../lib/words.ts";
import { Badge, Figure } from "../ui/basics.tsx";
import { Page } from "../ui/Page.tsx";
import { Failure } from "../ui/states.tsx";
import { Connectors } from "./Connectors.tsx";
import { LivePosts } from "./LivePosts.tsx";
import { RateChart } from "./RateChart.tsx";
import { Rising } from "./Rising.tsx";

const kStatusMs = 10_000;

function Totals({ status }: { status: Status }) {
  const rate = useStore(lastRate);
  const lag = rate?.lag ?? status.projections.lag;
  return (
    <dl class="totals">
      <div>
        <dt>Events/second</dt>
        <dd data-rate>{decimal(rate?.events_per_second ?? status.projections.events_per_second)}</dd>
      </div>
      <div>
        <dt>Posts</dt>
        <dd>
          <Figure value={status.totals.posts} />
        </dd>
      </div>
      <div>
        <dt>Accounts</dt>
        <dd>
          <Figure value={status.totals.accounts} />
        </dd>
      </div>
      <div>
        <dt>Hashtags</dt>
        <dd>
          <Figure value={status.totals.hashtags} />
        </dd>
      </div>
      <div>
        <dt>Events logged</dt>
        <dd>
          <Figure value={status.log.events} />
        </dd>
      </div>
      <div class={status.log.failed > 0 ? "notable" : ""}>
        <dt>Failed</dt>
        <dd>{status.log.failed > 0 ? <a href="/manage/system?failed=true">{fullNumber(status.log.failed)}</a> : "0"}</dd>
      </div>
      <div>
        <dt>Not yet applied</dt>
        <dd>
          <Figure value={lag} />
        </dd>
      </div>
    </dl>
  );
}

export function Live() {
  const status = useResource<Status>("/status", kStatusMs);
  const empty = status.value !== undefined && status.value.totals.posts === 0;
  return (
    <Page
      name="Live"
      width="full"
      about={
        <>
          {status.value?.demo && (
            <Badge kind="notable" title="Nothing of it touches your own data">
              sample data
            </Badge>
          )}
          {status.value && (
            <p class="faint">
              {counted(status.value.totals.instances, "instance")}, kept in {engineWord(status.value.engine)}
            </p>
          )}
        </>
      }
    >
      {status.error && !status.value && <Failure error={status.error} onRetry={status.reload} />}
      {status.value && <Totals status={status.value} />}
      <div class="now">
        <div class="now-side">
          <RateChart status={status.value} />
          <Rising />
          <Connectors />
        </div>
        <LivePosts empty={empty} />
      </div>
    </Page>
  );
}
