// One post that is being written: its text, its pictures, its poll.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PlatformLimits } from "../lib/api_types.ts";
import { newPicture, type Picture, type Poll, type PostDraft } from "../lib/compose.ts";
import { fileSize } from "../lib/format.ts";
import { refusalOf, sayTrouble, sendFile } from "../lib/uploads.ts";
import { Field } from "../ui/forms.tsx";

function Progress({ picture: { name, size }, sent }: { picture: Picture; sent: number }) {
  return (
    <p class="upload">
      <progress max={size} value={sent} aria-label={`${name}, on its way`} />
      <span class="faint">
        {fileSize(sent)} of {fileSize(size)}
      </span>
    </p>
  );
}

// Changes are told as what is to become of what is there then: files arrive while something else is written.
type Change<T> = (change: (old: T) => T) => void;

function Pictures({
  of,
  pictures,
  limits,
  onChange,
}: {
  of: string;
  pictures: Picture[];
  limits: PlatformLimits | null;
  onChange: Change<Picture[]>;
}) {
  const running = useRef(new Map<number, AbortController>());
  const [sent, setSent] = useState<Record<number, number>>({});
  useEffect(() => () => running.current.forEach((abort) => abort.abort()), []);
  const change = (key: number, fields: Partial<Picture>) => onChange((all) => all.map((p) => (p.key === key ? { ...p, ...fields } : p)));
  const send = async ({ key, file }: Picture) => {
    if (!file) return;
    const trouble = refusalOf(file, limits);
    change(key, { trouble });
    if (trouble) return;
    const abort = new AbortController();
    running.current.set(key, abort);
    setSent((all) => ({ ...all, [key]: 0 }));
    try {
      change(key, { upload: await sendFile(file, (bytes) => setSent((all) => ({ ...all, [key]: bytes })), abort.signal) });
    } catch (error) {
      if (!abort.signal.aborted) change(key, { trouble: sayTrouble(error) });
    }
    running.current.delete(key);
  };
  const add = (box: HTMLInputElement) => {
    const chosen = [...(box.files ?? [])].map(newPicture);
    box.value = "";
    onChange((all) => [...all, ...chosen]);
    for (const picture of chosen) void send(picture);
  };
  const remove = ({ key }: Picture) => {
    running.current.get(key)?.abort();
    onChange((all) => all.filter((p) => p.key !== key));
  };
  return (
    <>
      <Field label={`Pictures${of}`}>
        <input type="file" accept="image/*,video/*,audio/*,.heic,.avif" multiple onChange={(e) => add(e.currentTarget)} />
      </Field>
      {pictures.map((picture) => (
        <div class="file" key={picture.key}>
          <div class="with-button">
            <Field label={`Description of ${picture.name}`}>
              <input value={picture.alt_text} onInput={(e) => change(picture.key, { alt_text: e.currentTarget.value })} />
            </Field>
            <button type="button" class="button small" onClick={() => remove(picture)} aria-label={`Remove ${picture.name}`}>
              Remove
            </button>
          </div>
          {!picture.upload && !picture.trouble && <Progress picture={picture} sent={sent[picture.key] ?? 0} />}
          {picture.trouble && (
            <div class="row">
              <p class="bad-text" role="alert">
                {picture.name} was not sent. {picture.trouble}
              </p>
              {picture.file && (
                <button type="button" class="button small" onClick={() => void send(picture)} aria-label={`Send again ${picture.name}`}>
                  Send again
                </button>
              )}
            </div>
          )}
        </div>
      ))}
    </>
  );
}

const kHour = 3600;
const kOpenFor: [number, string][] = [
  [300, "5 minutes"],
  [kHour, "1 hour"],
  [6 * kHour, "6 hours"],
  [24 * kHour, "1 day"],
  [72 * kHour, "3 days"],
  [168 * kHour, "7 days"],
];

function PollEditor({ of, poll, onChange }: { of: string; poll: Poll | null; onChange: (poll: Poll | null) => void }) {
  if (!poll) {
    return (
      <div class="row">
        <button
          type="button"
          class="button small"
          onClick={() => onChange({ options: ["", ""], open_for_seconds: 24 * kHour, multiple: false })}
        >
          Add a poll{of}
        </button>
      </div>
    );
  }
  return (
    <fieldset class="quiet">
      <legend>Poll{of}</legend>
      {poll.options.map((option, i) => (
        <Field key={i} label={`Answer ${i + 1}`}>
          <input
            value={option}
            onInput={(e) => onChange({ ...poll, options: poll.options.map((o, n) => (n === i ? e.currentTarget.value : o)) })}
          />
        </Field>
      ))}
      <div class="row">
        <button type="button" class="button small" onClick={() => onChange({ ...poll, options: [...poll.options, ""] })}>
          Add an answer
        </button>
        <button type="button" class="button small" onClick={() => onChange(null)}>
          No poll
        </button>
      </div>
      <Field label="Open for">
        <select value={poll.open_for_seconds} onChange={(e) => onChange({ ...poll, open_for_seconds: Number(e.currentTarget.value) })}>
          {kOpenFor.map(([seconds, label]) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <label class="check">
        <input type="checkbox" checked={poll.multiple} onChange={(e) => onChange({ ...poll, multiple: e.currentTarget.checked })} />
        Several answers may be chosen
      </label>
    </fieldset>
  );
}

// `number`: of a thread; absent where it is the only one.
export function WritePost(props: {
  post: PostDraft;
  number?: number;
  count: ComponentChildren;
  polls: boolean;
  limits: PlatformLimits | null;
  problem: string; // of its text
  pollProblem: string;
  emptyTries: number; // how often it was to be sent though nothing is in it
  focus: boolean;
  onChange: Change<PostDraft>;
}) {
  const { post, number, count, polls, limits, problem, pollProblem, emptyTries, focus, onChange } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (emptyTries > 0) box.current?.focus();
  }, [emptyTries]);
  const set = (fields: Partial<PostDraft>) => onChange((old) => ({ ...old, ...fields }));
  const of = number ? ` of post ${number}` : "";
  const name = (
    <>
      {number ? `Post ${number}` : "Text"} {count}
    </>
  );
  const empty =
    emptyTries > 0
      ? `${number ? "This post" : "The post"} is empty. Write something${polls ? ", or add a picture or a poll." : ", or add a picture."}`
      : "";
  return (
    <>
      <Field label={name} name="text" problem={empty || problem} focus={focus}>
        <textarea ref={box} rows={5} value={post.text} onInput={(e) => set({ text: e.currentTarget.value })} />
      </Field>
      <Pictures
        of={of}
        pictures={post.pictures}
        limits={limits}
        onChange={(change) => onChange((old) => ({ ...old, pictures: change(old.pictures) }))}
      />
      {polls && <PollEditor of={of} poll={post.poll} onChange={(poll) => set({ poll })} />}
      {pollProblem && (
        <p class="bad-text" role="alert">
          {pollProblem}
        </p>
      )}
    </>
  );
}
