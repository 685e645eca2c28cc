// One post: as it reads now, how its numbers moved, what was edited, and the conversation around it.
import { useResource } from "../lib/resource.ts";
import { absoluteTime, hostOf } from "../lib/format.ts";
import { safeHref } from "../lib/html.ts";
import type { PostDetail } from "../lib/api_types.ts";
import { Panel, Time } from "../ui/basics.tsx";
import { OutIcon } from "../ui/icons.tsx";
import { Engage } from "../ui/Engage.tsx";
import { nameOf, PostCard } from "../ui/PostCard.tsx";
import { Page } from "../ui/Page.tsx";
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
        <a href={`/manage/system?status_id=${encodeURIComponent(post.id)}`}>What was logged about it</a>
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
    <Page name={name} title={<bdi>{name}</bdi>} back={{ href: "/listen/posts", name: "Posts" }} width="wide">
      {post.loading && <Loading what="the post" rows={3} />}
      {post.error && !loaded && <Failure error={post.error} onRetry={post.reload} />}
      {loaded && (
        <>
          <PostCard post={loaded} full />
          <Engage instance={loaded.instance} id={loaded.id} author={loaded.author} />
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
    </Page>
  );
}
