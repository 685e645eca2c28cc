// A post, or a thread of them: written, checked against every rule, sent for approval.
import { useEffect, useState } from "preact/hooks";
import type { Account, Limits, Requested, Verdict } from "../lib/acting.ts";
import { post, useList } from "../lib/api.ts";
import { place, navigate } from "../lib/router.ts";
import { loadNotices, may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Badge, Title } from "../ui/basics.tsx";
import { Field, useWork } from "../ui/forms.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// As the account's server counts; plain characters while nobody knows how it does.
export function lengthOf(text: string, limits: Limits | null): number {
  const perLink = limits?.characters_per_link ?? 0;
  const counted = perLink > 0 ? text.replace(/https?:\/\/\S+/g, "x".repeat(perLink)) : text;
  return limits?.text_unit === "graphemes" ? [...graphemes.segment(counted)].length : [...counted].length;
}

// What is left, or, where the server was not asked yet, how long it is.
function Count({ text, warning, limits }: { text: string; warning: string; limits: Limits | null }) {
  const length = lengthOf(text, limits) + lengthOf(warning, limits);
  const left = limits ? limits.max_character_limit - length : null;
  return (
    <span class={left !== null && left < 0 ? "bad-text" : "faint"} aria-live="polite">
      {left === null ? `${length} long` : `${left} left`}
    </span>
  );
}

interface Picture {
  name: string;
  media_type: string;
  data: string;
  alt_text: string;
}

async function readPicture(file: File): Promise<Picture> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return { name: file.name, media_type: file.type, data: url.slice(url.indexOf(",") + 1), alt_text: "" };
}

function Pictures({ pictures, onChange }: { pictures: Picture[]; onChange: (pictures: Picture[]) => void }) {
  const add = async (files: FileList | null) => {
    if (files) onChange([...pictures, ...(await Promise.all([...files].map(readPicture)))]);
  };
  return (
    <>
      <Field label="Pictures">
        <input type="file" accept="image/*,video/mp4" multiple onChange={(e) => void add(e.currentTarget.files)} />
      </Field>
      {pictures.map((picture, i) => (
        <Field key={i} label={`Description of ${picture.name}`}>
          <input
            value={picture.alt_text}
            onInput={(e) => onChange(pictures.map((p, n) => (n === i ? { ...p, alt_text: e.currentTarget.value } : p)))}
          />
        </Field>
      ))}
    </>
  );
}

const kDecisions: Record<Verdict["decision"], string> = { allow: "fine", hold: "asks a person", defer: "later", deny: "no" };

export function Verdicts({ verdicts }: { verdicts: Verdict[] }) {
  if (verdicts.length === 0) return <p role="status">No rule stands in the way.</p>;
  return (
    <ul class="verdicts" role="status">
      {verdicts.map((verdict) => (
        <li key={verdict.rule}>
          <Badge kind={{ allow: "", deny: "bad", hold: "warn", defer: "warn" }[verdict.decision]}>{kDecisions[verdict.decision]}</Badge> <b>{verdict.rule.replaceAll("_", " ")}</b>: {verdict.reason}
        </li>
      ))}
    </ul>
  );
}

export function Write() {
  const { search } = useStore(place);
  const answers = search.get("reply");
  const accounts = useList<Account>("/accounts");
  const [account, setAccount] = useState(search.get("account") ?? "");
  const [texts, setTexts] = useState([""]);
  const [warning, setWarning] = useState("");
  const [at, setAt] = useState("");
  const [pictures, setPictures] = useState<Picture[]>([]);
  const [verdicts, setVerdicts] = useState<Verdict[] | null>(null);
  const { busy, run, trouble } = useWork();
  useEffect(() => {
    if (!account && accounts.value?.[0]) setAccount(accounts.value[0].id);
  }, [accounts.value]);
  const chosen = accounts.value?.find((a) => a.id === account);
  const limits = chosen?.limits ?? null;

  const ask = (extra: object) =>
    post<Requested>("/actions", {
      type: answers ? "reply" : "publish",
      account,
      ...(answers ? { post_id: answers } : {}),
      posts: texts.map((text, i) => ({ text, ...(i === 0 ? { media: pictures, spoiler_text: warning } : {}) })),
      ...(at ? { due_at: new Date(at).toISOString() } : {}),
      ...extra,
    });
  const check = () => run(async () => setVerdicts((await ask({ dry_run: true })).verdicts));
  const send = (approve: boolean) =>
    run(async () => {
      const asked = await ask({ approve });
      await loadNotices();
      navigate(asked.approval_id ? "/approvals" : `/actions/${asked.actions[0]!.id}`);
    });

  if (accounts.loading) return <Loading what="accounts" />;
  if (accounts.error) return <Failure error={accounts.error} onRetry={accounts.reload} />;
  return (
    <div class="column">
      <div class="room-head">
        <Title name={answers ? "Answer" : "Write"} />
      </div>
      {accounts.value?.length === 0 ? (
        <Empty title="There is no account to write with yet">
          <a class="button" href="/accounts">
            Add one
          </a>
        </Empty>
      ) : (
        <form class="form" onSubmit={(event) => { event.preventDefault(); void send(false); }}>
          <Field label="Account">
            <select value={account} onChange={(e) => setAccount(e.currentTarget.value)}>
              {accounts.value?.map((a) => (
                <option key={a.id} value={a.id}>
                  @{a.username} ({a.platform})
                </option>
              ))}
            </select>
          </Field>
          {texts.map((text, i) => (
            <label class="field" key={i}>
              <span>
                {texts.length > 1 ? `Post ${i + 1}` : "Text"} <Count text={text} warning={i === 0 ? warning : ""} limits={limits} />
              </span>
              <textarea rows={5} value={text} onInput={(e) => setTexts(texts.map((t, n) => (n === i ? e.currentTarget.value : t)))} />
            </label>
          ))}
          <div class="row">
            <button type="button" class="button small" onClick={() => setTexts([...texts, ""])}>
              Add a post to the thread
            </button>
            {texts.length > 1 && (
              <button type="button" class="button small" onClick={() => setTexts(texts.slice(0, -1))}>
                Remove the last
              </button>
            )}
          </div>
          <div class="fields">
            {chosen?.platform === "mastodon" && (
              <Field label="Content warning">
                <input value={warning} onInput={(e) => setWarning(e.currentTarget.value)} />
              </Field>
            )}
            <Field label="When (empty: now)">
              <input type="datetime-local" value={at} onInput={(e) => setAt(e.currentTarget.value)} />
            </Field>
          </div>
          <Pictures pictures={pictures} onChange={setPictures} />
          <div class="row">
            <button type="button" class="button" disabled={busy} onClick={check}>
              Check
            </button>
            <button class="button primary" disabled={busy || !may("act")}>
              Send for approval
            </button>
            {may("approve") && (
              <button type="button" class="button" disabled={busy} onClick={() => void send(true)}>
                Approve and send
              </button>
            )}
          </div>
          {verdicts && <Verdicts verdicts={verdicts} />}
          {trouble}
        </form>
      )}
    </div>
  );
}
