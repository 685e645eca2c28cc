// Pictures come from strangers' servers, which would learn who looks; so they are fetched only when the reader says so.
import { useState } from "preact/hooks";
import { pictures } from "../lib/prefs.ts";
import { useStore } from "../lib/store.ts";
import type { Author, Media } from "../lib/api_types.ts";

const kTints = 8;

function tintOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return sum % kTints;
}

function firstLetter(author: Author | null): string {
  const name = author?.display_name?.trim() || author?.username || "?";
  const letter = /[\p{L}\p{N}]/u.exec(name)?.[0] ?? author?.username?.[0] ?? "?";
  return letter.toUpperCase();
}

const isPicture = (url: string | null | undefined): url is string => !!url && /^(https:|data:image\/)/i.test(url);

export function Avatar({ author }: { author: Author | null }) {
  const allowed = useStore(pictures) === "on";
  const [broken, setBroken] = useState(false);
  const url = author?.avatar_url;
  return (
    <span class={`avatar tint-${tintOf(author?.acct ?? "")}`} aria-hidden="true">
      {allowed && !broken && isPicture(url) ? (
        <img src={url} alt="" width="40" height="40" loading="lazy" decoding="async" onError={() => setBroken(true)} />
      ) : (
        firstLetter(author)
      )}
    </span>
  );
}

function Picture({ medium, hidden }: { medium: Media; hidden: boolean }) {
  const allowed = useStore(pictures) === "on";
  const [asked, setAsked] = useState(false);
  const [broken, setBroken] = useState(false);
  const url = medium.preview_url ?? medium.url;
  const shown = (asked || (allowed && !hidden)) && isPicture(url) && !broken;
  return (
    <figure class="picture">
      {shown ? (
        <img src={url} alt={medium.description ?? ""} loading="lazy" decoding="async" onError={() => setBroken(true)} />
      ) : (
        <div class="picture-place">
          <span class="faint">{broken ? "Could not be loaded" : medium.type}</span>
          {isPicture(url) && (
            <button type="button" class="button small" onClick={() => (setBroken(false), setAsked(true))}>
              {broken ? "Try again" : hidden ? "Show, though marked sensitive" : "Show picture"}
            </button>
          )}
        </div>
      )}
      <figcaption dir="auto">{medium.description || <span class="faint">No description</span>}</figcaption>
    </figure>
  );
}

export function Pictures({ media, sensitive }: { media: Media[]; sensitive: boolean }) {
  if (media.length === 0) return null;
  return (
    <div class="pictures">
      {media.map((medium) => (
        <Picture key={medium.id} medium={medium} hidden={sensitive} />
      ))}
    </div>
  );
}
