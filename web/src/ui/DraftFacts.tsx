// What goes out besides the text: everything that whoever decides must have seen.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Action, ActionFile, ActionPoll } from "../lib/api_types.ts";
import { absoluteTime, languageName, span } from "../lib/format.ts";
import { safeHref } from "../lib/html.ts";
import { may } from "../lib/session.ts";
import { quotePolicyWord, visibilityWord } from "../lib/words.ts";
import { Time } from "./basics.tsx";

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ at }: { at: string }) {
  return (
    <>
      {absoluteTime(at)} (<Time at={at} />)
    </>
  );
}

function Poll({ poll }: { poll: ActionPoll }) {
  return (
    <Fact name={`Poll, open for ${span(poll.openForSeconds * 1000)}, ${poll.multiple ? "several answers" : "one answer"}`}>
      <ul>
        {poll.options.map((option) => (
          <li key={option}>{option}</li>
        ))}
      </ul>
    </Fact>
  );
}

function Thumbnail({ medium, address }: { medium: ActionFile; address: string }) {
  const [broken, setBroken] = useState(false);
  const kind = medium.mediaType.split("/")[0];
  const allowed = may("act") || may("approve");
  return (
    <figure class="thumbnail">
      {!allowed && (medium.name || "A file")}
      {allowed && kind === "image" && !broken && (
        <a href={address} target="_blank" rel="noreferrer noopener" aria-label={`Open ${medium.altText || medium.name || "the picture"}`}>
          <img src={address} alt={medium.altText} onError={() => setBroken(true)} />
        </a>
      )}
      {allowed && kind === "video" && !broken && (
        <video src={address} controls preload="metadata" aria-label={medium.altText || medium.name} onError={() => setBroken(true)} />
      )}
      {allowed && (broken || !["image", "video"].includes(kind!)) && (
        <a href={address} download={medium.name}>
          {medium.name || "File"} cannot be shown; save it
        </a>
      )}
      <figcaption dir="auto">{medium.altText || <span class="bad-text">No description</span>}</figcaption>
    </figure>
  );
}

export function Thumbnails({ action }: { action: Action }) {
  const media = action.input.media ?? [];
  if (media.length === 0) return null;
  return (
    <div class="thumbnails">
      {media.map((medium, i) => (
        <Thumbnail key={i} medium={medium} address={`/api/v1/actions/${action.id}/media/${i}`} />
      ))}
    </div>
  );
}

const isAfter = (one: string, other: string) => Date.parse(one) > Date.parse(other);

export function DraftFacts({ action }: { action: Action }) {
  const { input } = action;
  const link = safeHref(input.link);
  const isPlanned = isAfter(action.planned_at, action.attempted_at);
  return (
    <dl class="facts">
      <Fact name="When">{isPlanned ? <When at={action.planned_at} /> : "Right after approval"}</Fact>
      {isAfter(action.due_at, action.planned_at) && (
        <Fact name="Not before">
          <When at={action.due_at} />
        </Fact>
      )}
      {action.expires_at && (
        <Fact name="Not after">
          <When at={action.expires_at} />
        </Fact>
      )}
      {input.scheduledAt && (
        <Fact name="Shown by the network’s own scheduler">
          <When at={input.scheduledAt} />
        </Fact>
      )}
      {input.spoilerText && <Fact name="Content warning">{input.spoilerText}</Fact>}
      {input.sensitive && <Fact name="Media">marked sensitive</Fact>}
      {input.visibility && <Fact name="Who sees it">{visibilityWord(input.visibility)}</Fact>}
      {input.quotePolicy && <Fact name="Who may quote it">{quotePolicyWord(input.quotePolicy)}</Fact>}
      {input.language && <Fact name="Language">{languageName(input.language)}</Fact>}
      {input.link && (
        <Fact name="Link shown as a card">
          {link ? (
            <a href={link} rel="noreferrer noopener" target="_blank">
              {input.link}
            </a>
          ) : (
            input.link
          )}
        </Fact>
      )}
      {input.quotedId && <Fact name="Quotes">a post of the same network</Fact>}
      {input.poll && <Poll poll={input.poll} />}
    </dl>
  );
}
