// The blocklist, with a tester.
import { useState } from "preact/hooks";
import type { Block } from "../lib/acting.ts";
import { post, useList, withParameters } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import type { Page } from "../lib/types.ts";
import { MoreButton, Panel, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { PersonData } from "./PersonData.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

function AddBlock({ onAdded }: { onAdded: () => void }) {
  const [entry, setEntry] = useState({ entry_type: "user", match_type: "exact", value: "", reason: "" });
  const { busy, run, trouble } = useWork();
  const change = (name: string) => (e: { currentTarget: { value: string } }) => setEntry({ ...entry, [name]: e.currentTarget.value });
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/blocklist", entry);
      setEntry({ ...entry, value: "", reason: "" });
      onAdded();
    });
  };
  return (
    <Panel title="Add an entry" id="add-block">
      <form class="form" onSubmit={submit}>
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
        </div>
        <Field label="Value">
          <input required value={entry.value} onInput={change("value")} />
        </Field>
        <Field label="Why">
          <input required value={entry.reason} onInput={change("reason")} />
        </Field>
        <button class="button" disabled={busy}>
          Add
        </button>
        {trouble}
      </form>
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
        <input type="checkbox" checked={withSilenced} onChange={(e) => setWithSilenced(e.currentTarget.checked)} /> Also block domains that the list only
        limits (severity “silence”)
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
  const [user, setUser] = useState("");
  const [text, setText] = useState("");
  const [hits, setHits] = useState<Block[] | null>(null);
  const { busy, run, trouble } = useWork();
  const test = (event: Event) => {
    event.preventDefault();
    const links = text.match(/https?:\/\/\S+/g) ?? [];
    void run(async () => setHits((await post<Page<Block>>("/blocklist/test", { user, text, links })).items));
  };
  return (
    <Panel title="Try it" id="try-block">
      <form class="form" onSubmit={test}>
        <Field label="Person">
          <input placeholder="ada@example.social" value={user} onInput={(e) => setUser(e.currentTarget.value)} />
        </Field>
        <Field label="Text">
          <input value={text} onInput={(e) => setText(e.currentTarget.value)} />
        </Field>
        <button class="button" disabled={busy}>
          Try
        </button>
        {trouble}
        {hits && (
          <p role="status">{hits.length === 0 ? "Nothing stands against it." : hits.map((hit) => `${hit.entry_type} “${hit.value}”: ${hit.reason}`).join("; ")}</p>
        )}
      </form>
    </Panel>
  );
}

export function Rules() {
  const [query, setQuery] = useState("");
  const list = useList<Block>(withParameters("/blocklist", { query }));
  const { run, trouble } = useWork();
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Rules" />
        <Field label="Find">
          <input type="search" value={query} onInput={(e) => setQuery(e.currentTarget.value)} />
        </Field>
      </div>
      <p>
        Whom and what Linnet never deals with. Limits and quiet hours belong to each <a href="/accounts">account</a>.
      </p>
      {trouble}
      {list.loading && <Loading what="the blocklist" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="The blocklist is empty" />}
      {!!list.value?.length && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Value</th>
              <th scope="col">Why</th>
              <th scope="col">By</th>
              <th scope="col">
                <span class="hidden-text">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.value.map((entry) => (
              <tr key={entry.id}>
                <td>{entry.entry_type}</td>
                <td class="clip">{entry.value}</td>
                <td class="clip">{entry.reason}</td>
                <td>{entry.added_by.replaceAll("_", " ")}</td>
                <td>
                  {may("rules") && entry.added_by !== "opt_out" && (
                    <button type="button" class="button small" onClick={() => void run(async () => { await post(`/blocklist/${entry.id}/remove`); list.reload(); })}>
                      Remove
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <MoreButton list={list} />
      {may("rules") && <AddBlock onAdded={list.reload} />}
      {may("rules") && <ImportBlocks onAdded={list.reload} />}
      <Tester />
      {may("erase") && <PersonData />}
    </div>
  );
}
