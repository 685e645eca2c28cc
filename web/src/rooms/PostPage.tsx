// One post: as it reads now, how its numbers moved, what was edited, and the conversation around it.
import { useResource } from "../lib/api.ts";
import { absoluteTime, hostOf } from "../lib/format.ts";
import { safeHref } from "../lib/html.ts";
import type { PostDetail } from "../lib/types.ts";
import { Panel, Time, Title } from "../ui/basics.tsx";
import { BackIcon, OutIcon } from "../ui/icons.tsx";
import { Engage } from "../ui/Engage.tsx";
import { nameOf, PostCard } from "../ui/PostCard.tsx";
import { Failure, Loading } from "../ui/states.tsx";
import { CountsChart } from "./CountsChart.tsx";
import { EditHistory } from "./EditHistory.tsx";
import { Thread } from "./Thread.tsx";

function Facts({ post }: { post: PostDetail }) {
  const original = safeHref(post.url ?? post.uri);
  return (
    <ul class="facts">
      {original && (
        <li>
          <a href={original} target="_blank" rel="nofollow noopener noreferrer">
            Open on {hostOf(original)} <OutIcon />
          </a>
        </li>
      )}
      <li>
        <a href={`/events?status_id=${encodeURIComponent(post.id)}`}>What was logged about it</a>
      </li>
      <li>
        Posted <time dateTime={post.created_at}>{absoluteTime(post.created_at)}</time>
      </li>
      {post.edited_at && (
        <li>
          Edited <Time at={post.edited_at} />
        </li>
      )}
      {post.deleted_at && (
        <li class="bad-text">
          Deleted by its author <Time at={post.deleted_at} />
        </li>
      )}
    </ul>
  );
}

export function PostPage({ instanceId, id }: { instanceId: string; id: string }) {
  const address = `/posts/${encodeURIComponent(instanceId)}/${encodeURIComponent(id)}`;
  const post = useResource<PostDetail>(address, 30_000);
  const loaded = post.value;
  const name = loaded ? `Post by ${nameOf(loaded.author)}` : "Post";
  return (
    <div class="column wide">
      <a class="back" href="/posts">
        <BackIcon /> Posts
      </a>
      <div class="room-head">
        <Title name={name}>
          <bdi>{name}</bdi>
        </Title>
      </div>
      {post.loading && <Loading what="the post" rows={3} />}
      {post.error && !loaded && <Failure error={post.error} onRetry={post.reload} />}
      {loaded && (
        <>
          <PostCard post={loaded} full />
          <Engage instance={loaded.instance} id={loaded.id} />
          <Facts post={loaded} />
          <div class="halves">
            <Panel title="Counts over time" id="counts-title">
              <CountsChart snapshots={loaded.snapshots ?? []} />
            </Panel>
            <Panel title="Edit history" id="edits-title">
              <EditHistory versions={loaded.versions ?? []} language={loaded.language} />
            </Panel>
          </div>
          <Thread address={address} post={loaded} />
        </>
      )}
    </div>
  );
}
