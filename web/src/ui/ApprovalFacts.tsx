// Whom and what a request for approval is about.
import type { Approval, PostConcerned } from "../lib/api_types.ts";
import { safeHref } from "../lib/html.ts";
import { postHref } from "../lib/router.ts";
import { platformWord } from "../lib/words.ts";
import { Time } from "./basics.tsx";

// What is known of the person and of earlier dealings with them.
const kKnown = [
  ["person", "Person"],
  ["previous_interactions", "Earlier dealings"],
  ["follower_count", "Followers"],
  ["post_count", "Posts known here"],
] as const;

// In whose name, and what is known of whom it reaches.
export function Context({ approval }: { approval: Approval }) {
  const { context, action } = approval;
  return (
    <dl class="facts">
      <div>
        <dt>In the name of</dt>
        <dd>
          @{context.account} on {context.server || platformWord(action.platform)}
        </dd>
      </div>
      {kKnown.map(
        ([name, label]) =>
          context.person &&
          context[name] !== undefined &&
          context[name] !== null && (
            <div key={name}>
              <dt>{label}</dt>
              <dd>{String(context[name])}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Concerned({ post, how }: { post: PostConcerned; how: string }) {
  const away = safeHref(post.url);
  if (post.is_hidden) return <p>{how} a post that only its author's followers see.</p>;
  return (
    <figure class="concerned">
      <figcaption>
        {how} {post.author || "somebody"}, {post.created_at && <Time at={post.created_at} />}
        {" · "}
        <a href={postHref(post)}>the post</a>
        {away && (
          <>
            {" · "}
            <a href={away} rel="noreferrer noopener" target="_blank">
              on the network
            </a>
          </>
        )}
        {post.is_followers_only && " · for followers only"}
      </figcaption>
      <blockquote class="words" dir="auto">
        {post.spoiler_text && <b>{post.spoiler_text}: </b>}
        {post.is_deleted ? "It was deleted." : post.text || "No text."}
      </blockquote>
    </figure>
  );
}

// What it is about, where the post is not known here: at least where it can be looked at.
export function About({ approval }: { approval: Approval }) {
  const { post, quoted, post_url } = approval.context;
  const away = safeHref(post_url);
  return (
    <>
      {post && <Concerned post={post} how="Answers" />}
      {!post && away && (
        <p>
          <a href={away} rel="noreferrer noopener" target="_blank">
            The post it is about, on the network
          </a>
        </p>
      )}
      {quoted && <Concerned post={quoted} how="Quotes" />}
    </>
  );
}
