// What was done, or is to be done.
import type { Account, Action } from "../lib/api_types.ts";
import { post, withParameters } from "../lib/api.ts";
import { asApiError } from "../lib/api.ts";
import { useFollowing, useList } from "../lib/list.ts";
import { actionHref, place, setSearch } from "../lib/router.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { later } from "../lib/undo.ts";
import { kStatusWords, kUnseen, platformWord, statusKind, statusWord, typeWord } from "../lib/words.ts";
import { counted } from "../lib/format.ts";
import { Badge, MoreButton, Time } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { Table, type Bulk, type Column } from "../ui/Table.tsx";

const kFollowMs = 10_000;

const filterOf = (chosen: string) =>
  chosen === kUnseen ? { status: "success", verified: "false" } : { status: chosen || null, verified: null };

// Account first: the same post may go out of two.
const columnsWith = (accounts: Account[] | undefined): Column<Action>[] => [
  { name: "What", kind: "plain", isHead: true, cell: (action) => <a href={actionHref(action.id)}>{typeWord(action.action_type)}</a> },
  {
    name: "Account",
    kind: "plain",
    cell: ({ account_id, platform }) => {
      const account = accounts?.find(({ id }) => id === account_id);
      return account ? `@${account.username} · ${platformWord(platform)}` : platformWord(platform);
    },
  },
  { name: "Text or target", kind: "text", cell: (action) => <span class="one-line">{action.text || action.target_name || "–"}</span> },
  { name: "Status", cell: (action) => <Badge kind={statusKind(action)}>{statusWord(action)}</Badge> },
  { name: "When", kind: "plain", cell: (action) => <Time at={action.status === "pending" ? action.due_at : action.attempted_at} /> },
];

const kEnded = ["failed", "skipped", "cancelled"];

export function Activity() {
  const { search } = useStore(place);
  const status = search.get("status");
  const verified = search.get("verified");
  const list = useList<Action>(withParameters("/actions", { status, verified }));
  const accounts = useList<Account>("/accounts");
  const work = useWork();
  useFollowing(list.refresh, kFollowMs);
  const forAll = (verb: "cancel" | "retry", done: string) => (actions: Action[]) =>
    later({
      id: `${verb} ${actions.map(({ id }) => id).join(" ")}`,
      words: `${counted(actions.length, "action")} ${done}`,
      run: (outlivesPage) =>
        work.run(async () => {
          const outcomes = await Promise.allSettled(actions.map(({ id }) => post(`/actions/${id}/${verb}`, {}, outlivesPage)));
          list.refresh();
          const refused = outcomes.find((one) => one.status === "rejected");
          if (refused) throw asApiError(refused.reason);
        }),
    });
  const bulk: Bulk<Action>[] = [
    { label: "Cancel", can: (action) => action.status === "pending", run: forAll("cancel", "cancelled") },
    { label: "Try again", can: (action) => kEnded.includes(action.status), run: forAll("retry", "tried again") },
  ];
  return (
    <Page
      name="Activity"
      width="wide"
      filters={
        <Field label="Status">
          <select value={verified === "false" ? kUnseen : (status ?? "")} onChange={(e) => setSearch(filterOf(e.currentTarget.value))}>
            <option value="">All</option>
            {Object.entries(kStatusWords).map(([name, word]) => (
              <option key={name} value={name}>
                {word}
              </option>
            ))}
          </select>
        </Field>
      }
    >
      {work.trouble}
      {list.loading && <Loading what="actions" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && (
        <Empty title={status ? "Nothing is in this state" : "Nothing was done yet"}>
          {may("act") && (
            <a class="button" href="/publish/studio">
              Write a post
            </a>
          )}
        </Empty>
      )}
      {!!list.value?.length && (
        <Table
          label="Actions, newest first"
          columns={columnsWith(accounts.value)}
          rows={list.value}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => actionHref(id)}
          bulk={may("act") ? bulk : undefined}
        />
      )}
      <MoreButton list={list} />
    </Page>
  );
}
