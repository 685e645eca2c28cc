// The stream of posts. It stands still while somebody reads it, and is told aloud in summaries, not post by post.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Page, get } from "../lib/api.ts";
import { Feed, keyOf } from "../lib/feed.ts";
import { counted, fullNumber } from "../lib/format.ts";
import { onKey } from "../lib/keyboard.ts";
import { liveState } from "../lib/live.ts";
import { liveMoves } from "../lib/prefs.ts";
import { useStore } from "../lib/store.ts";
import type { Post } from "../lib/api_types.ts";
import { PauseIcon, PlayIcon } from "../ui/icons.tsx";
import { PostCard } from "../ui/PostCard.tsx";
import { Empty, FirstSteps, Loading } from "../ui/states.tsx";

const kSeedPosts = 20;
const kSpeakMs = 20_000;

// What arrived is told every 20 seconds at most, and only if something did.
function useSpokenSummary(feed: Feed): string {
  const [text, setText] = useState("");
  useEffect(() => {
    let told = feed.arrived;
    const timer = setInterval(() => {
      const fresh = feed.arrived - told;
      told = feed.arrived;
      if (fresh > 0) setText(`${counted(fresh, "new post")} in ${kSpeakMs / 1000} seconds`);
    }, kSpeakMs);
    return () => clearInterval(timer);
  }, [feed]);
  return text;
}

// Why the list stands still, if it does: somebody points at it, has the focus in it, or has scrolled into it.
function useReading(section: { current: HTMLElement | null }): boolean {
  const [reading, setReading] = useState(false);
  useEffect(() => {
    const element = section.current!;
    const list = element.querySelector<HTMLElement>(".stream")!;
    let pointing = false;
    let focused = false;
    const decide = () => setReading(pointing || focused || list.getBoundingClientRect().top < -40);
    const onMove = (event: PointerEvent) => {
      if (event.pointerType !== "mouse") return;
      pointing = true;
      decide();
    };
    const onLeave = () => ((pointing = false), decide());
    const onFocus = () => ((focused = list.contains(document.activeElement)), decide());
    list.addEventListener("pointermove", onMove);
    list.addEventListener("pointerleave", onLeave);
    document.addEventListener("focusin", onFocus);
    document.addEventListener("focusout", onFocus);
    addEventListener("scroll", decide, { passive: true });
    return () => {
      document.removeEventListener("focusin", onFocus);
      document.removeEventListener("focusout", onFocus);
      removeEventListener("scroll", decide);
    };
  }, []);
  return reading;
}

// The reader moves the list, unless they ask that it moves by itself.
const toggleMoving = () => liveMoves.set(liveMoves.get() === "on" ? "off" : "on");

function useFeed(): Feed {
  const [feed] = useState(() => new Feed());
  useEffect(() => {
    const stop = feed.start();
    const abort = new AbortController();
    get<Page<Post>>(`/posts?limit=${kSeedPosts}`, abort.signal).then(
      (page) => feed.seed(page.items),
      () => undefined, // the room says what is wrong where it reads the status
    );
    return () => (abort.abort(), stop());
  }, [feed]);
  return feed;
}

function StreamNote(props: { held: boolean; reading: boolean; waiting: number; skipped: number; onShow: () => void }) {
  if (props.waiting > 0 && (props.held || props.reading)) {
    return (
      <button type="button" class="new-posts" onClick={props.onShow}>
        {`Show ${counted(props.waiting, "new post")}`}
      </button>
    );
  }
  if (props.held) return <p class="stream-note">New posts are offered here as they come.</p>;
  if (props.skipped > 0) {
    return (
      <p class="stream-note">
        More comes in than anyone can read: a sample is shown. <a href="/listen/posts">All posts</a>
      </p>
    );
  }
  return null;
}

export function LivePosts({ empty }: { empty: boolean }) {
  const section = useRef<HTMLElement>(null);
  const feed = useFeed();
  const view = useStore(feed.view);
  const connection = useStore(liveState);
  const moving = useStore(liveMoves) === "on";
  const reading = useReading(section);
  const spoken = useSpokenSummary(feed);

  useEffect(() => feed.hold(!moving || reading), [feed, moving, reading]);
  useEffect(() => onKey("p", toggleMoving), []);

  const show = () => {
    feed.release();
    // The button goes away with its reason, and with it the focus: let it go on from the top of the list.
    section.current?.querySelector<HTMLElement>("[data-item]")?.focus();
  };
  return (
    <section class="live" aria-labelledby="live-title" ref={section}>
      <header class="panel-head">
        <h2 id="live-title">Posts as they come in</h2>
        <button type="button" class="button small" aria-pressed={moving} onClick={toggleMoving} data-moving>
          {moving ? <PauseIcon /> : <PlayIcon />}
          {moving ? "Hold it" : "Let it move by itself"}
        </button>
      </header>
      <p class="hidden-text" aria-live="polite">
        {spoken}
      </p>
      <StreamNote held={!moving} reading={reading} waiting={view.waiting} skipped={view.skipped} onShow={show} />
      <ol class="stream posts" data-shown={fullNumber(view.posts.length)}>
        {view.posts.map((post) => (
          <li key={keyOf(post)}>
            <PostCard post={post} />
          </li>
        ))}
      </ol>
      {view.posts.length === 0 && empty && (
        <Empty title="No posts yet">
          <FirstSteps />
        </Empty>
      )}
      {view.posts.length === 0 && !empty && connection.kind !== "waiting" && <Loading what="posts" rows={4} />}
      {view.posts.length === 0 && connection.kind === "waiting" && (
        <Empty title="The live connection is down">
          <p>Posts appear here when it is back. Linnet tries again by itself.</p>
        </Empty>
      )}
    </section>
  );
}
