import { withParameters } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { keyOf } from "../lib/feed.ts";
import { counted, hostOf } from "../lib/format.ts";
import { authorHref, postHref, setSearch } from "../lib/router.ts";
import type { EditedPost } from "../lib/api_types.ts";
import { MoreButton, Time } from "../ui/basics.tsx";
import { Diff } from "../ui/Diff.tsx";
import { isScored, Mood, MoodChange } from "../ui/Mood.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";

function EditedCard({ item }: { item: EditedPost }) {
  const last = item.versions[item.versions.length - 1];
  const before = item.versions[item.versions.length - 2];
  const titleId = `edit-${item.instance_id}-${item.id}`;
  return (
    <article class="post edited" aria-labelledby={titleId} tabIndex={-1} data-item data-href={postHref(item)}>
      <div class="post-body">
        <header class="byline">
          <span class="who" id={titleId}>
            <a class="author" href={authorHref(item.author_acct)}>
              <bdi>@{item.author_acct}</bdi>
            </a>
          </span>
          <a class="when" href={postHref(item)}>
            edited {last && <Time at={last.valid_from} />}
            <span class="hidden-text">, open this post</span>
          </a>
        </header>
        {last?.diff ? <Diff parts={last.diff} /> : <p class="diff">{last?.content_text}</p>}
        <footer class="post-foot">
          <span>{counted(item.versions.length, "version")}</span>
          {isScored(before?.sentiment) && isScored(last?.sentiment) && before.sentiment.label !== last.sentiment.label ? (
            <MoodChange before={before.sentiment} after={last.sentiment} />
          ) : (
            last?.sentiment && <Mood sentiment={last.sentiment} />
          )}
          <span class="instance">{hostOf(item.instance)}</span>
        </footer>
      </div>
    </article>
  );
}

export function EditedPosts({ search }: { search: URLSearchParams }) {
  const changed = search.get("sentiment_changed") === "true";
  const list = useList<EditedPost>(withParameters("/posts/edits", { sentiment_changed: changed ? "true" : null }));
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={changed}
          onChange={(event) => setSearch({ sentiment_changed: (event.target as HTMLInputElement).checked ? "true" : null })}
        />
        Only edits that changed the tone
      </label>
      {list.loading && <Loading what="edited posts" rows={4} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && (
        <Empty title={changed ? "No edit changed the tone" : "No edited posts yet"}>
          <p>Linnet keeps every version that it sees. When somebody edits a post, the change appears here word by word.</p>
        </Empty>
      )}
      <ol class="posts">
        {list.value?.map((item) => (
          <li key={keyOf(item)}>
            <EditedCard item={item} />
          </li>
        ))}
      </ol>
      <MoreButton list={list} />
    </>
  );
}
