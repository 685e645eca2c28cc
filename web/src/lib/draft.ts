// What is being written, and as the API takes it.
export interface Picture {
  name: string;
  media_type: string;
  data: string; // base64
  alt_text: string;
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
export const kFeatures: Record<string, { warning: boolean; visibility: boolean; quotePolicy: boolean; polls: boolean; scheduler: boolean; card: boolean }> = {
  mastodon: { warning: true, visibility: true, quotePolicy: true, polls: true, scheduler: true, card: false },
  bluesky: { warning: false, visibility: false, quotePolicy: false, polls: false, scheduler: false, card: true },
};

const instant = (local: string) => new Date(local).toISOString();

// Empty fields are left out: the account's own defaults stand.
function filled(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "" && value !== false && value !== null && value !== undefined));
}

export function actionOf(posts: PostDraft[], options: Options, platform: string): object {
  const can = kFeatures[platform] ?? kFeatures.mastodon!;
  const scheduled = can.scheduler && options.byServer && options.at !== "" && posts.length === 1;
  return {
    posts: posts.map((post, i) =>
      filled({
        text: post.text,
        media: post.pictures.length > 0 ? post.pictures : null,
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

export async function readPicture(file: File): Promise<Picture> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return { name: file.name, media_type: file.type, data: url.slice(url.indexOf(",") + 1), alt_text: "" };
}
