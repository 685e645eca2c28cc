// The blocklist, with a tester; whoever opted out; and the rules of each account.
import { useState } from "preact/hooks";
import { kPlatformNames, type Block, type BlockTest } from "../lib/acting.ts";
import { post, useList, withParameters } from "../lib/api.ts";
import { may } from "../lib/session.ts";
import { MoreButton, Panel, Time, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { AccountRules } from "./AccountRules.tsx";
import { OptOuts } from "./OptOuts.tsx";
import { PersonData } from "./PersonData.tsx";
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
  const { busy, run, trouble } = useWork();
  const change = (name: string) => (e: { currentTarget: { value: string } }) => setEntry({ ...entry, [name]: e.currentTarget.value });
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await post("/blocklist", { ...entry, ...(until ? { expires_at: new Date(until).toISOString() } : {}) });
      setEntry({ ...entry, value: "", reason: "" });
      setUntil("");
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
          <PlatformChoice any="All" value={entry.platform} onChange={(platform) => setEntry({ ...entry, platform })} />
          <Field label="Until (empty: for good)">
            <input type="datetime-local" value={until} onInput={(e) => setUntil(e.currentTarget.value)} />
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
  const [subject, setSubject] = useState({ platform: "mastodon", server: "", user: "", bio: "", post: "", text: "" });
  const [found, setFound] = useState<BlockTest | null>(null);
  const { busy, run, trouble } = useWork();
  const others = found?.items.filter((entry) => entry.id !== found.hit?.entry_id) ?? [];
  const change = (name: string) => (e: { currentTarget: { value: string } }) => {
    setFound(null);
    setSubject({ ...subject, [name]: e.currentTarget.value });
  };
  const test = (event: Event) => {
    event.preventDefault();
    const links = subject.text.match(/https?:\/\/\S+/g) ?? [];
    void run(async () => setFound(await post<BlockTest>("/blocklist/test", { ...subject, links })));
  };
  return (
    <Panel title="Try it" id="try-block">
      <form class="form" onSubmit={test}>
        <div class="fields">
          <PlatformChoice value={subject.platform} onChange={(platform) => setSubject({ ...subject, platform })} />
          <Field label="Server (for an id)">
            <input placeholder="example.social" value={subject.server} onInput={change("server")} />
          </Field>
        </div>
        <Field label="Person">
          <input placeholder="ada@example.social, or an id" value={subject.user} onInput={change("user")} />
        </Field>
        <Field label="What their profile says">
          <input value={subject.bio} onInput={change("bio")} />
        </Field>
        <Field label="Id of the post">
          <input value={subject.post} onInput={change("post")} />
        </Field>
        <Field label="Text">
          <input value={subject.text} onInput={change("text")} />
        </Field>
        <div class="row">
          <button class="button" disabled={busy}>
            Try
          </button>
        </div>
        {trouble}
        {found && (
          <div role="status">
            <p class={found.hit ? "bad-text" : ""}>{found.hit ? `Linnet would not: ${found.hit.reason}` : "Nothing stands against it."}</p>
            {others.length > 0 && (
              <ul>
                {others.map((entry) => (
                  <li key={entry.id}>
                    {entry.entry_type} “{entry.value}”: {entry.reason}
                  </li>
                ))}
              </ul>
            )}
          </div>
        )}
      </form>
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
        Whom and what Linnet never deals with. <a href="#account-rules">Limits and quiet hours</a> belong to each account.
      </p>
      {trouble}
      {list.loading && <Loading what="the blocklist" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="The blocklist is empty" />}
      {!!list.value?.length && (
        <div class="wide">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Value</th>
                <th scope="col">Matches</th>
                <th scope="col">Network</th>
                <th scope="col">Why</th>
                <th scope="col">By</th>
                <th scope="col">Until</th>
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
                  <td>{entry.match_type}</td>
                  <td>{entry.platform ?? "all"}</td>
                  <td class="clip">{entry.reason}</td>
                  <td>
                    {entry.added_by_user || entry.added_by.replaceAll("_", " ")}, <Time at={entry.created_at} />
                  </td>
                  <td>{entry.expires_at ? <Time at={entry.expires_at} /> : "for good"}</td>
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
        </div>
      )}
      <MoreButton list={list} />
      <Export />
      {may("rules") && <AddBlock onAdded={list.reload} />}
      {may("rules") && <ImportBlocks onAdded={list.reload} />}
      <Tester />
      <OptOuts onChange={list.reload} />
      <AccountRules />
      {may("erase") && <PersonData />}
    </div>
  );
}
