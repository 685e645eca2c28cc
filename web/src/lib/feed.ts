// The list of posts as they come in: kept short, changed a few times a second whatever arrives, and still while
// somebody reads it.
import { type LiveMessage, listen, wantPosts } from "./live.ts";
import { Store } from "./store.ts";
import type { Post } from "./api_types.ts";

export interface FeedView {
  posts: Post[];
  waiting: number; // arrived while the list was held
  skipped: number; // of the last flush: more than anyone can read
}

export const kFeedLength = 50;
const kFlushMs = 400;
const kMostPerFlush = 8;

export const keyOf = (post: { instance_id: number; id: string }) => `${post.instance_id}/${post.id}`;

export class Feed {
  readonly view = new Store<FeedView>({ posts: [], waiting: 0, skipped: 0 });
  arrived = 0; // in all, for the spoken summary

  private incoming: Post[] = []; // oldest first, never longer than the list
  private incomingCount = 0;
  private changes = new Map<string, Partial<Post>>();
  private held = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  // Listens until the returned function is called.
  start(): () => void {
    const stopListening = listen((message) => this.receive(message));
    const stopWanting = wantPosts();
    return () => {
      stopListening();
      stopWanting();
      clearTimeout(this.timer);
      cancelAnimationFrame(this.frame);
      this.timer = undefined;
    };
  }

  // Posts read from the API, newest first: what came live since then stays on top.
  seed(posts: Post[]): void {
    const view = this.view.get();
    const known = new Set(view.posts.map(keyOf));
    const merged = [...view.posts, ...posts.filter((post) => !known.has(keyOf(post)))].slice(0, kFeedLength);
    this.view.set({ ...view, posts: merged });
  }

  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    if (!held) this.flushSoon(0);
  }

  release(): void {
    this.flush(true);
  }

  private receive(message: LiveMessage): void {
    if (message.type === "post") {
      this.arrived += 1;
      this.incomingCount += 1;
      this.incoming.push(message.post);
      if (this.incoming.length > kFeedLength) this.incoming.shift();
    } else if (message.type === "edit") {
      this.changes.set(keyOf(message.post), message.post);
    } else if (message.type === "delete") {
      this.change(message, { deleted_at: new Date().toISOString() });
    } else if (message.type === "counts") {
      const { type: _, ...counts } = message;
      this.change(message, counts);
    } else {
      return;
    }
    this.flushSoon(kFlushMs);
  }

  private change(which: { instance_id: number; id: string }, values: Partial<Post>): void {
    const key = keyOf(which);
    this.changes.set(key, { ...this.changes.get(key), ...values });
    // Changes of posts not shown would gather without end while the list is not drawn.
    if (this.changes.size > 1000) this.dropForeignChanges();
  }

  private dropForeignChanges(): void {
    const shown = new Set([...this.view.get().posts, ...this.incoming].map(keyOf));
    for (const key of this.changes.keys()) if (!shown.has(key)) this.changes.delete(key);
  }

  private flushSoon(ms: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.frame = requestAnimationFrame(() => this.flush(false));
    }, ms);
  }

  private flush(all: boolean): void {
    const view = this.view.get();
    let posts = view.posts;
    let waiting = this.incomingCount;
    let skipped = view.skipped;
    if (!this.held || all) {
      const arrived = this.incoming.splice(0).reverse();
      const fresh = all ? arrived : arrived.slice(0, kMostPerFlush);
      skipped = all ? 0 : this.incomingCount - fresh.length;
      posts = this.merge(posts, fresh);
      this.incomingCount = 0;
      waiting = 0;
    }
    posts = this.applyChanges(posts);
    if (posts !== view.posts || waiting !== view.waiting || skipped !== view.skipped) {
      this.view.set({ posts, waiting, skipped });
    }
  }

  private merge(posts: Post[], fresh: Post[]): Post[] {
    if (fresh.length === 0) return posts;
    const seen = new Set<string>();
    return [...fresh, ...posts].filter((post) => !seen.has(keyOf(post)) && seen.add(keyOf(post))).slice(0, kFeedLength);
  }

  private applyChanges(posts: Post[]): Post[] {
    if (this.changes.size === 0) return posts;
    let changed = false;
    const next = posts.map((post) => {
      const change = this.changes.get(keyOf(post));
      if (!change) return post;
      changed = true;
      return { ...post, ...change };
    });
    this.changes.clear();
    return changed ? next : posts;
  }
}
