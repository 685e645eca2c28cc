import { useResource } from "../lib/resource.ts";
import { keyOf } from "../lib/feed.ts";
import { counted } from "../lib/format.ts";
import type { PostDetail, ThreadPost } from "../lib/api_types.ts";
import { Panel } from "../ui/basics.tsx";
import { PostCard } from "../ui/PostCard.tsx";
import { Failure, Loading } from "../ui/states.tsx";

const kDeepest = 6; // further in than that, a phone has no room left

export function Thread({ address, post }: { address: string; post: PostDetail }) {
  const wanted = post.thread !== null || post.in_reply_to_id !== null || post.replies_count > 0;
  const thread = useResource<{ items: ThreadPost[] }>(wanted ? `${address}/thread` : null);
  if (!wanted) return null;
  const items = thread.value?.items ?? [];
  return (
    <Panel
      title="Conversation"
      id="thread-title"
      aside={items.length > 1 && <span class="faint">{counted(items.length, "post")} seen</span>}
    >
      {thread.loading && <Loading what="the conversation" />}
      {thread.error && !thread.value && <Failure error={thread.error} onRetry={thread.reload} />}
      {thread.value && items.length <= 1 && <p class="faint">Linnet has not seen its replies or what it answers.</p>}
      {items.length > 1 && (
        <ol class="posts thread">
          {items.map((item) => (
            <li key={keyOf(item)} class={`depth-${Math.min(kDeepest, item.depth)}`} aria-current={keyOf(item) === keyOf(post) || undefined}>
              <PostCard post={item} current={keyOf(item) === keyOf(post)} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
