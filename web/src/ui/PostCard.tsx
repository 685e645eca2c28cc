import type { ComponentChildren } from "preact";
import { memo } from "../lib/memo.ts";
import { counted, hostOf, languageName } from "../lib/format.ts";
import { authorHref, hashtagHref, postHref } from "../lib/router.ts";
import type { Author, Media, Poll, Post } from "../lib/api_types.ts";
import { audienceWord, moodWord } from "../lib/words.ts";
import { Avatar, Pictures } from "./pictures.tsx";
import { Badge, Figure, Time } from "./basics.tsx";
import { isScored } from "./Mood.tsx";
import { BoostIcon, ReplyIcon, StarIcon } from "./icons.tsx";
import { PostContent } from "./PostContent.tsx";

export function nameOf(author: Author | null): string {
  return author?.display_name?.trim() || author?.username || "Unknown account";
}

function Byline({ post, titleId }: { post: Post; titleId: string }) {
  const { author } = post;
  return (
    <header class="byline">
      <span class="who" id={titleId}>
        {author ? (
          <a class="author" href={authorHref(author.acct)} title={`Posts of @${author.acct}`}>
            <bdi>{nameOf(author)}</bdi>
            <span class="acct">
              <bdi>@{author.acct}</bdi>
            </span>
          </a>
        ) : (
          <span class="author">Unknown account</span>
        )}
      </span>
      <a class="when" href={postHref(post)}>
        <Time at={post.created_at} />
        <span class="hidden-text">, open this post</span>
      </a>
    </header>
  );
}

const kMoods = { positive: "Sounds positive", negative: "Sounds negative", neutral: "Sounds neutral" };

function Badges({ post }: { post: Post }) {
  const { author } = post;
  return (
    <>
      {author?.bot && <Badge title="An automated account">bot</Badge>}
      {post.in_reply_to_id && <Badge>reply</Badge>}
      {post.versions_count > 1 && (
        <Badge kind="notable" title={counted(post.versions_count, "version")}>
          edited
        </Badge>
      )}
      {post.stated_created_at && (
        <Badge kind="warn" title="The server gives a time that lay ahead when the post was seen; this is when it was seen first">
          time doubtful
        </Badge>
      )}
      {post.deleted_at && <Badge kind="bad">deleted</Badge>}
      {post.visibility && !["public", "unlisted"].includes(post.visibility) && <Badge kind="warn">{audienceWord(post.visibility)}</Badge>}
      {isScored(post.sentiment) && post.sentiment.label !== "neutral" && (
        <Badge kind={post.sentiment.label} title={`${kMoods[post.sentiment.label]} (${post.sentiment.score.toFixed(2)})`}>
          {moodWord(post.sentiment.label)}
        </Badge>
      )}
      {post.language && (
        <Badge title={languageName(post.language)}>
          <span aria-hidden="true">{post.language}</span>
          <span class="hidden-text">{languageName(post.language)}</span>
        </Badge>
      )}
    </>
  );
}

function Count({ icon, value, name }: { icon: ComponentChildren; value: number; name: string }) {
  return (
    <span class={value > 0 ? "count" : "count zero"}>
      {icon}
      <Figure value={value} />
      <span class="hidden-text"> {name}</span>
    </span>
  );
}

const kTagsShown = 6;

// Those that the text does not show already.
function Tags({ post }: { post: Post }) {
  const text = (post.content_text ?? "").toLowerCase();
  const names = (post.hashtags ?? []).filter((name) => !text.includes(`#${name.toLowerCase()}`));
  if (names.length === 0) return null;
  return (
    <span class="tags">
      {names.slice(0, kTagsShown).map((name) => (
        <a class="tag" href={hashtagHref(name)} key={name}>
          <bdi>#{name}</bdi>
        </a>
      ))}
      {names.length > kTagsShown && <span class="faint">and {names.length - kTagsShown} more</span>}
    </span>
  );
}

function Boosted({ post }: { post: Post }) {
  const inner = { instance_id: post.instance_id, id: post.reblog_of_id! };
  return (
    <p class="boosted">
      <BoostIcon /> boosted <a href={postHref(inner)}>another post</a>
    </p>
  );
}

function PollView({ poll }: { poll: Poll }) {
  return (
    <ul class="poll" aria-label={poll.expired ? "Poll, ended" : "Poll"}>
      {poll.options.map((option, place) => (
        <li key={place}>
          <bdi>{option.title}</bdi>
          {option.votes !== null && <span class="faint"> {counted(option.votes, "vote")}</span>}
        </li>
      ))}
    </ul>
  );
}

interface CardProps {
  post: Post;
  note?: ComponentChildren; // a line above
  full?: boolean; // on its own page: whole text, nothing to open
  current?: boolean;
}

function sayMedia(media: Media[]): string {
  return counted(media.length, media.every((one) => one.type === "image") ? "picture" : "attachment");
}

export const PostCard = memo(function PostCard({ post, note, full, current }: CardProps) {
  const titleId = `by-${post.instance_id}-${post.id}`;
  const kind = `${post.deleted_at ? "deleted" : ""} ${current ? "current" : ""}`;
  const listed = full ? {} : { tabIndex: -1, "data-item": "", "data-href": postHref(post) };
  return (
    <article class={`post ${kind}`} aria-labelledby={titleId} {...listed}>
      {note && <p class="note">{note}</p>}
      <Avatar author={post.author} />
      <div class="post-body">
        <Byline post={post} titleId={titleId} />
        {post.reblog_of_id && !post.content_html ? <Boosted post={post} /> : <PostContent post={post} clip={!full} />}
        {post.poll && <PollView poll={post.poll} />}
        {full ? (
          <Pictures media={post.media ?? []} sensitive={post.sensitive} />
        ) : (
          (post.media?.length ?? 0) > 0 && <p class="faint has-media">{sayMedia(post.media)}</p>
        )}
        <footer class="post-foot">
          <Count icon={<ReplyIcon />} value={post.replies_count} name="replies" />
          <Count icon={<BoostIcon />} value={post.reblogs_count} name="boosts" />
          <Count icon={<StarIcon />} value={post.favourites_count} name="favourites" />
          <Badges post={post} />
          <Tags post={post} />
          <span class="instance">{hostOf(post.instance)}</span>
        </footer>
      </div>
    </article>
  );
});
