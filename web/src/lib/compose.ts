// What is being written, and as the API takes it.
import { platformWord } from "./words.ts";

export interface Picture {
  key: number; // in this form
  name: string;
  size: number;
  file?: File; // none in a draft that was kept: a browser gives no file a second time
  alt_text: string;
  upload: string; // what Linnet calls it; empty: it is not there yet
  trouble: string; // why it will not be, for people
}

export interface Poll {
  options: string[];
  open_for_seconds: number;
  multiple: boolean;
}

// One post of a thread.
export interface PostDraft {
  text: string;
  pictures: Picture[];
  poll: Poll | null;
}

// What holds for the whole thread.
export interface Options {
  warning: string;
  visibility: string;
  language: string;
  quotePolicy: string;
  sensitive: boolean;
  quoted: string;
  link: string;
  at: string; // as the browser's own field gives it, in local time; empty: now
  expires: string;
  byServer: boolean; // the platform's own scheduler keeps the time
}

export const emptyPost = (): PostDraft => ({ text: "", pictures: [], poll: null });
export const noOptions = (quoted: string): Options => ({
  warning: "",
  visibility: "",
  language: "",
  quotePolicy: "",
  sensitive: false,
  quoted,
  link: "",
  at: "",
  expires: "",
  byServer: false,
});

// What the networks have besides text, pictures and answers.
export const kFeatures: Record<
  string,
  { warning: boolean; visibility: boolean; quotePolicy: boolean; polls: boolean; scheduler: boolean; card: boolean }
> = {
  mastodon: { warning: true, visibility: true, quotePolicy: true, polls: true, scheduler: true, card: false },
  bluesky: { warning: false, visibility: false, quotePolicy: false, polls: false, scheduler: false, card: true },
  discord: { warning: false, visibility: false, quotePolicy: false, polls: false, scheduler: false, card: false },
};

const instant = (local: string) => new Date(local).toISOString();

// Empty fields are left out: the account's own defaults stand.
function filled(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== "" && value !== false && value !== null && value !== undefined),
  );
}

export function actionOf(posts: PostDraft[], options: Options, platform: string): object {
  const can = kFeatures[platform] ?? kFeatures.mastodon!;
  const scheduled = can.scheduler && options.byServer && options.at !== "" && posts.length === 1;
  return {
    posts: posts.map((post, i) =>
      filled({
        text: post.text,
        media: post.pictures.length > 0 ? post.pictures.map(({ name, alt_text, upload }) => ({ name, alt_text, upload })) : null,
        poll: can.polls && post.poll ? { ...post.poll, options: post.poll.options.filter((option) => option.trim() !== "") } : null,
        spoiler_text: can.warning ? options.warning : "",
        visibility: can.visibility ? options.visibility : "",
        quote_policy: can.quotePolicy ? options.quotePolicy : "",
        sensitive: can.warning && options.sensitive && post.pictures.length > 0,
        language: options.language,
        quoted_id: i === 0 ? options.quoted.trim() : "",
        link: can.card && i === 0 ? options.link.trim() : "",
        scheduled_at: scheduled ? instant(options.at) : "",
      }),
    ),
    ...filled({
      due_at: options.at && !scheduled ? instant(options.at) : "",
      expires_at: options.expires ? instant(options.expires) : "",
    }),
  };
}

export const isEmptyPost = (post: PostDraft) => post.text.trim() === "" && post.pictures.length === 0 && post.poll === null;

let lastKey = 0;
export const newPicture = (file: File): Picture => ({
  key: ++lastKey,
  name: file.name,
  size: file.size,
  file,
  alt_text: "",
  upload: "",
  trouble: "",
});

// Those that keep a post from being sent.
export const notThere = (posts: PostDraft[]) => posts.flatMap((post) => post.pictures).filter((picture) => picture.upload === "");

// After Linnet said that it has the files no more.
export const forgetUploads = (posts: PostDraft[], trouble: string): PostDraft[] =>
  posts.map((post) => ({ ...post, pictures: post.pictures.map((picture) => ({ ...picture, upload: "", trouble })) }));

// What is kept of a draft, and what it becomes when it is taken up again.
export type KeptPicture = Omit<Picture, "key" | "file">;
export interface KeptDraft {
  account: string;
  posts: (Omit<PostDraft, "pictures"> & { pictures: KeptPicture[] })[];
  options: Options;
}

// Nothing that is this page's own, by which two pages with the same draft would differ.
export const keptOf = ({ account, posts, options }: { account: string; posts: PostDraft[]; options: Options }): KeptDraft => ({
  account,
  posts: posts.map((post) => ({ ...post, pictures: post.pictures.map(({ key: _, file: __, ...kept }) => kept) })),
  options,
});

const kLeft = "It had not arrived when the page was left. Choose it again.";

export function takenUp(draft: KeptDraft): { account: string; posts: PostDraft[]; options: Options } {
  const posts = draft.posts.map((post) => ({
    ...post,
    pictures: post.pictures.map((picture) => ({
      ...picture,
      key: ++lastKey,
      file: undefined,
      trouble: picture.upload ? "" : picture.trouble || kLeft,
    })),
  }));
  return { ...draft, posts };
}

export const isWorthKeeping = (posts: PostDraft[]) => posts.some((post) => !isEmptyPost(post));

// Beside the poll: why the network would refuse the two together. Empty: it takes them.
export const pollProblem = (post: PostDraft, platform: string) =>
  post.poll && post.pictures.length > 0 ? `${platformWord(platform)} allows pictures or a poll. Remove one.` : "";
