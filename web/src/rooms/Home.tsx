// Home: what needs you, what goes out next, what rises.
import type { Action, Status } from "../lib/api_types.ts";
import { useList, useFollowing } from "../lib/list.ts";
import { useResource } from "../lib/resource.ts";
import { actionHref } from "../lib/router.ts";
import { may, notices } from "../lib/session.ts";
import { counted, moment } from "../lib/format.ts";
import { useStore } from "../lib/store.ts";
import { plainly, typeWord } from "../lib/words.ts";
import { Badge, Panel, Time } from "../ui/basics.tsx";
import { NoticeList, StopPublishing } from "../ui/Notices.tsx";
import { Page } from "../ui/Page.tsx";
import { ReadPanel } from "../ui/ReadPanel.tsx";
import { Empty, Failure, FirstSteps } from "../ui/states.tsx";
import { Rising } from "./Rising.tsx";

const kStatusMs = 30_000;
const kFollowMs = 15_000;
const kShown = 5;
const kDayMs = 86_400_000;

const isRecent = (action: Action) => Date.now() - Date.parse(action.attempted_at) < 7 * kDayMs;

function FailedActions({ actions }: { actions: Action[] }) {
  return (
    <ul class="failed-actions">
      {actions.slice(0, kShown).map((action) => (
        <li key={action.id}>
          <Badge kind="bad">Failed</Badge>
          <a href={actionHref(action.id)}>{action.text?.slice(0, 80) || typeWord(action.action_type)}</a>
          <span class="faint">
            {action.error && plainly(action.error.message)} · <Time at={action.attempted_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function NeedsYou() {
  const { items, open_approvals: waiting } = useStore(notices);
  const failed = useList<Action>("/actions?status=failed&limit=20");
  useFollowing(failed.refresh, kFollowMs);
  const recent = failed.value?.filter(isRecent) ?? [];
  const isQuiet = waiting === 0 && items.every((notice) => notice.kind === "stopped") && recent.length === 0;
  return (
    <Panel title="Needs you" id="needs-title" aside={<StopPublishing />}>
      {waiting > 0 && (
        <p class="waiting">
          <a class="button primary" href="/publish/approvals">
            {counted(waiting, "request")} to approve
          </a>
        </p>
      )}
      <NoticeList />
      {failed.error && <Failure error={failed.error} onRetry={failed.reload} />}
      {recent.length > 0 && <FailedActions actions={recent} />}
      {recent.length > kShown && <a href="/publish/activity?status=failed">All that failed</a>}
      {isQuiet && !failed.loading && <p class="faint">Nothing needs you just now.</p>}
    </Panel>
  );
}

function Next() {
  const list = useList<Action>("/actions?status=pending&limit=200");
  useFollowing(list.refresh, kFollowMs);
  const next = (list.value ?? [])
    .filter((action) => action.waits_for !== "approval")
    .sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))
    .slice(0, kShown);
  return (
    <ReadPanel
      title="Goes out next"
      id="next-title"
      aside={<a href="/publish/activity?status=pending">All that waits</a>}
      what="what goes out next"
      read={list}
      isRead={list.value !== undefined}
      isEmpty={next.length === 0}
      empty="Nothing is scheduled"
      step={may("act") ? { does: "Write a post", href: "/publish/studio" } : undefined}
    >
      <ol class="next">
        {next.map((action) => (
          <li key={action.id}>
            <span class="when">
              {moment(action.due_at)} {action.is_late && <Badge kind="bad">late</Badge>}
            </span>
            <a href={actionHref(action.id)}>{action.text?.slice(0, 80) || typeWord(action.action_type)}</a>
          </li>
        ))}
      </ol>
    </ReadPanel>
  );
}

export function Home() {
  const status = useResource<Status>("/status", kStatusMs);
  const isNew = status.value?.totals.posts === 0;
  return (
    <Page
      name="Home"
      width="wide"
      about={
        status.value?.demo && (
          <Badge kind="notable" title="Nothing of it touches your own data">
            sample data
          </Badge>
        )
      }
    >
      {status.error && !status.value && <Failure error={status.error} onRetry={status.reload} />}
      {isNew && (
        <Empty title="Linnet has seen nothing yet">
          <FirstSteps />
        </Empty>
      )}
      <div class="home-room">
        <NeedsYou />
        <Next />
        <Rising />
      </div>
    </Page>
  );
}
