// The blocklist, with a tester; whoever opted out; and the rules of each account.
import { useState } from "preact/hooks";
import type { BlockTestPage, BlocklistEntry } from "../lib/api_types.ts";
import { addedByWord, entryWord, kPlatformNames, matchWord, plainly, platformWord } from "../lib/words.ts";
import { post, withParameters } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { counted } from "../lib/format.ts";
import { place, setSearch } from "../lib/router.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { useTyping } from "../lib/typing.ts";
import { later } from "../lib/undo.ts";
import { MoreButton, Panel, Time } from "../ui/basics.tsx";
import { Field, Form, FormButtons, useWork } from "../ui/forms.tsx";
import { AccountRules } from "./AccountRules.tsx";
import { OptOuts } from "./OptOuts.tsx";
import { PersonData } from "./PersonData.tsx";
import { Page } from "../ui/Page.tsx";
import { Table, type Column } from "../ui/Table.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

function PlatformChoice({ value, any, onChange }: { value: string; any?: string; onChange: (platform: string) => void }) {
  return (
    <Field label="Network">
      <select value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {any && <option value="">{any}</option>}
        {Object.entries(kPlatformNames).map(([name, label]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

function AddBlock({ onAdded }: { onAdded: () => void }) {
  const [entry, setEntry] = useState({ entry_type: "user", match_type: "exact", value: "", reason: "", platform: "" });
  const [until, setUntil] = useState("");
  const work = useWork();
  const change = (name: string) => (e: { currentTarget: { value: string } }) => setEntry({ ...entry, [name]: e.currentTarget.value });
  const submit = () =>
    void work.run(async () => {
      await post("/blocklist", { ...entry, ...(until ? { expires_at: new Date(until).toISOString() } : {}) });
      setEntry({ ...entry, value: "", reason: "" });
      setUntil("");
      onAdded();
    });
  return (
    <Panel title="Add an entry" id="add-block">
      <Form work={work} onSubmit={submit} fields={["value", "reason", "expires_at"]}>
        <div class="fields">
          <Field label="What">
            <select value={entry.entry_type} onChange={change("entry_type")}>
              <option value="user">A person</option>
              <option value="domain">A domain</option>
              <option value="keyword">A word</option>
              <option value="post">A post</option>
            </select>
          </Field>
          <Field label="How it matches">
            <select value={entry.match_type} onChange={change("match_type")}>
              <option value="exact">Exactly</option>
              <option value="contains">Contains</option>
              <option value="regex">Pattern (RE2)</option>
            </select>
          </Field>
          <PlatformChoice any="All" value={entry.platform} onChange={(platform) => setEntry({ ...entry, platform })} />
          <Field label="Until (empty: for good)" name="expires_at">
            <input type="datetime-local" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />
          </Field>
        </div>
        <Field label="Value" name="value">
          <input required value={entry.value} onInput={change("value")} />
        </Field>
        <Field label="Why" name="reason">
          <input required value={entry.reason} onInput={change("reason")} />
        </Field>
        <FormButtons does="Add" busy={work.busy} />
      </Form>
    </Panel>
  );
}

function ImportBlocks({ onAdded }: { onAdded: () => void }) {
  const [said, setSaid] = useState("");
  const [withSilenced, setWithSilenced] = useState(false);
  const { busy, run, trouble } = useWork();
  const take = (file: File | undefined) => {
    if (!file) return;
    void run(async () => {
      const outcome = await post<{ added: number; there_already: number; problems: { line: number; problem: string }[] }>(
        "/blocklist/import",
        { csv: await file.text(), reason: `imported from ${file.name}`, with_silenced: withSilenced },
      );
      const left = outcome.problems.map((p) => `line ${p.line}: ${p.problem}`).join("; ");
      setSaid(`${outcome.added} new, ${outcome.there_already} there already${left && `. Left out: ${left}`}`);
      onAdded();
    });
  };
  return (
    <Panel title="Import a list" id="import-blocks">
      <label class="check">
        <input type="checkbox" checked={withSilenced} onChange={(e) => setWithSilenced(e.currentTarget.checked)} /> Also block domains that
        the list only limits (severity “silence”)
      </label>
      <Field label="A CSV file as Mastodon exports it">
        <input type="file" accept=".csv,text/csv" disabled={busy} onChange={(e) => take(e.currentTarget.files?.[0])} />
      </Field>
      {said && <p role="status">{said}</p>}
      {trouble}
    </Panel>
  );
}

function Tester() {
  const [subject, setSubject] = useState({ platform: "mastodon", server: "", user: "", bio: "", post: "", text: "" });
  const [found, setFound] = useState<BlockTestPage | null>(null);
  const work = useWork();
  const others = found?.items.filter((entry) => entry.id !== found.hit?.entry_id) ?? [];
  const change = (name: string) => (e: { currentTarget: { value: string } }) => {
    setFound(null);
    setSubject({ ...subject, [name]: e.currentTarget.value });
  };
  const test = () => {
    const links = subject.text.match(/https?:\/\/\S+/g) ?? [];
    void work.run(async () => setFound(await post<BlockTestPage>("/blocklist/test", { ...subject, links })));
  };
  return (
    <Panel title="Try it" id="try-block">
      <Form work={work} onSubmit={test} fields={["user", "server", "post"]}>
        <div class="fields">
          <PlatformChoice value={subject.platform} onChange={(platform) => setSubject({ ...subject, platform })} />
          <Field label="Server (for an id)" name="server">
            <input placeholder="example.social" value={subject.server} onInput={change("server")} />
          </Field>
        </div>
        <Field label="Person" name="user">
          <input placeholder="ada@example.social, or an id" value={subject.user} onInput={change("user")} />
        </Field>
        <Field label="What their profile says">
          <input value={subject.bio} onInput={change("bio")} />
        </Field>
        <Field label="Id of the post" name="post">
          <input value={subject.post} onInput={change("post")} />
        </Field>
        <Field label="Text">
          <input value={subject.text} onInput={change("text")} />
        </Field>
        <FormButtons does="Try" busy={work.busy} />
        {found && (
          <div role="status">
            <p class={found.hit ? "bad-text" : ""}>
              {found.hit ? `Linnet would not: ${plainly(found.hit.reason)}` : "Nothing stands against it."}
            </p>
            {others.length > 0 && (
              <ul>
                {others.map((entry) => (
                  <li key={entry.id}>
                    {entryWord(entry.entry_type)} “{entry.value}”: {entry.reason}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </Form>
    </Panel>
  );
}

function Export() {
  return (
    <div class="row foot">
      <a class="button small" href="/api/v1/blocklist/export?kind=domains" download="linnet-domains.csv">
        Export the domains
      </a>
      <a class="button small" href="/api/v1/blocklist/export?kind=users" download="linnet-users.csv">
        Export the people
      </a>
    </div>
  );
}

const kColumns = (remove: (entry: BlocklistEntry) => void): (Column<BlocklistEntry> | false)[] => [
  { name: "Value", isHead: true, kind: "text", cell: ({ value }) => value },
  { name: "What", kind: "plain", cell: ({ entry_type }) => entryWord(entry_type) },
  { name: "Matches", kind: "plain", cell: ({ match_type }) => matchWord(match_type) },
  { name: "Network", kind: "plain", cell: ({ platform }) => (platform === null ? "all" : platformWord(platform)) },
  { name: "Why", kind: "text", cell: ({ reason }) => plainly(reason) },
  {
    name: "By",
    cell: (entry) => (
      <>
        {entry.added_by_user || addedByWord(entry.added_by)}, <Time at={entry.created_at} />
      </>
    ),
  },
  { name: "Until", kind: "plain", cell: ({ expires_at }) => (expires_at ? <Time at={expires_at} /> : "for good") },
  may("rules") && {
    name: "Remove",
    kind: "buttons",
    cell: (entry) =>
      mayGo(entry) && (
        <button type="button" class="button small" onClick={() => remove(entry)}>
          Remove<span class="hidden-text"> {entry.value}</span>
        </button>
      ),
  },
];

const mayGo = (entry: BlocklistEntry) => entry.added_by !== "opt_out";

export function Rules() {
  const { search } = useStore(place);
  const query = search.get("query") ?? "";
  const { text, onInput } = useTyping(query, 250, (raw) => setSearch({ query: raw.trim() || null }, { replace: true }));
  const list = useList<BlocklistEntry>(withParameters("/blocklist", { query }));
  const [going, setGoing] = useState<ReadonlySet<string>>(new Set()); // removed, and for five seconds still to be had back
  const { run, trouble } = useWork();
  const remove = (entries: BlocklistEntry[]) => {
    const ids = entries.map(({ id }) => id);
    setGoing((old) => new Set([...old, ...ids]));
    const back = () => setGoing((old) => new Set([...old].filter((id) => !ids.includes(id))));
    later({
      id: `unblock ${ids.join(" ")}`,
      words: `Removed from the blocklist: ${entries.length === 1 ? entries[0]!.value : counted(entries.length, "entry", "entries")}`,
      run: (outlivesPage) =>
        run(async () => {
          try {
            for (const id of ids) await post(`/blocklist/${id}/remove`, {}, outlivesPage);
          } finally {
            list.reload();
            back();
          }
        }),
      onBack: back,
    });
  };
  const shown = list.value?.filter(({ id }) => !going.has(id));
  return (
    <Page
      name="Rules"
      width="wide"
      filters={
        <Field label="Find">
          <input type="search" value={text} onInput={onInput} data-search />
        </Field>
      }
    >
      <p>
        People, domains and words Linnet never interacts with. <a href="#account-rules">Limits and quiet hours</a> belong to each account.
      </p>
      {trouble}
      {list.loading && <Loading what="the blocklist" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {shown?.length === 0 && <Empty title={query ? "No entry matches" : "The blocklist is empty"} />}
      {!!shown?.length && (
        <Table
          label="The blocklist"
          columns={kColumns((entry) => remove([entry]))}
          rows={shown}
          keyOf={({ id }) => id}
          bulk={may("rules") ? [{ label: "Remove", can: mayGo, run: remove }] : undefined}
        />
      )}
      <MoreButton list={list} />
      <Export />
      {may("rules") && <AddBlock onAdded={list.reload} />}
      {may("rules") && <ImportBlocks onAdded={list.reload} />}
      <Tester />
      <OptOuts onChange={list.reload} />
      <AccountRules />
      {may("erase") && <PersonData />}
    </Page>
  );
}
