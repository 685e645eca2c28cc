// Posts: everything that was seen, searched and filtered. The filters stand in the address, so they can be kept and sent.
import { withParameters } from "../lib/api.ts";
import { useList } from "../lib/list.ts";
import { place, setSearch } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import type { Post } from "../lib/api_types.ts";
import { MoreButton, Segmented } from "../ui/basics.tsx";
import { PostCard } from "../ui/PostCard.tsx";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, FirstSteps, Loading } from "../ui/states.tsx";
import { keyOf } from "../lib/feed.ts";
import { EditedPosts } from "./EditedPosts.tsx";
import { GainingPosts } from "./GainingPosts.tsx";
import { kFilters, PostFilters } from "./PostFilters.tsx";

type View = "all" | "gaining" | "edited";

const kViews: { value: View; label: string }[] = [
  { value: "all", label: "All" },
  { value: "gaining", label: "Gaining now" },
  { value: "edited", label: "Edited" },
];

function AllPosts({ search }: { search: URLSearchParams }) {
  const filters = Object.fromEntries(kFilters.map((name) => [name, search.get(name)]));
  const filtered = kFilters.some((name) => name !== "sort" && search.get(name));
  const list = useList<Post>(withParameters("/posts", filters));
  return (
    <>
      <PostFilters search={search} />
      {list.loading && <Loading what="posts" rows={5} />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && filtered && (
        <Empty title="No post matches">
          <p>Try fewer words, or take a filter away.</p>
          <button type="button" class="button" onClick={() => setSearch(Object.fromEntries(kFilters.map((name) => [name, null])))}>
            Clear all filters
          </button>
        </Empty>
      )}
      {list.value?.length === 0 && !filtered && (
        <Empty title="No posts yet">
          <FirstSteps />
        </Empty>
      )}
      {list.value && (
        <ol class="posts">
          {list.value.map((post) => (
            <li key={keyOf(post)}>
              <PostCard post={post} />
            </li>
          ))}
        </ol>
      )}
      <MoreButton list={list} />
    </>
  );
}

export function Posts() {
  const { search } = useStore(place);
  const view = (kViews.find(({ value }) => value === search.get("view"))?.value ?? "all") as View;
  return (
    <Page
      name="Posts"
      filters={
        <Segmented
          label="Which posts"
          name="view"
          value={view}
          choices={kViews}
          onChange={(value) => setSearch({ view: value === "all" ? null : value })}
        />
      }
    >
      {view === "all" && <AllPosts search={search} />}
      {view === "gaining" && <GainingPosts search={search} />}
      {view === "edited" && <EditedPosts search={search} />}
    </Page>
  );
}
