// One post that is being written: its text, its pictures, its poll.
import type { ComponentChildren } from "preact";
import { readPicture, type Picture, type Poll, type PostDraft } from "../lib/draft.ts";
import { Field } from "../ui/forms.tsx";

function Pictures({ of, pictures, onChange }: { of: string; pictures: Picture[]; onChange: (pictures: Picture[]) => void }) {
  const add = async (box: HTMLInputElement) => {
    const read = await Promise.all([...(box.files ?? [])].map(readPicture));
    box.value = "";
    onChange([...pictures, ...read]);
  };
  return (
    <>
      <Field label={`Pictures${of}`}>
        <input type="file" accept="image/*,video/mp4" multiple onChange={(e) => void add(e.currentTarget)} />
      </Field>
      {pictures.map((picture, i) => (
        <div class="with-button" key={i}>
          <Field label={`Description of ${picture.name}`}>
            <input value={picture.alt_text} onInput={(e) => onChange(pictures.map((p, n) => (n === i ? { ...p, alt_text: e.currentTarget.value } : p)))} />
          </Field>
          <button type="button" class="button small" onClick={() => onChange(pictures.filter((_, n) => n !== i))} aria-label={`Take ${picture.name} away`}>
            Take away
          </button>
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
        <button type="button" class="button small" onClick={() => onChange({ options: ["", ""], open_for_seconds: 24 * kHour, multiple: false })}>
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
          <input value={option} onInput={(e) => onChange({ ...poll, options: poll.options.map((o, n) => (n === i ? e.currentTarget.value : o)) })} />
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
export function WritePost(props: { post: PostDraft; number?: number; count: ComponentChildren; polls: boolean; onChange: (post: PostDraft) => void }) {
  const { post, number, count, polls, onChange } = props;
  const of = number ? ` of post ${number}` : "";
  return (
    <>
      <label class="field">
        <span>
          {number ? `Post ${number}` : "Text"} {count}
        </span>
        <textarea rows={5} value={post.text} onInput={(e) => onChange({ ...post, text: e.currentTarget.value })} />
      </label>
      <Pictures of={of} pictures={post.pictures} onChange={(pictures) => onChange({ ...post, pictures })} />
      {polls && <PollEditor of={of} poll={post.poll} onChange={(poll) => onChange({ ...post, poll })} />}
    </>
  );
}
