// The WebSocket to /api/v1/live: one for the whole app, opened again with back-off whenever it is lost.
import { useEffect } from "preact/hooks";
import type { Connector, Job, Post } from "./api_types.ts";
import { loadSession, session } from "./session.ts";
import { Store } from "./store.ts";

export interface RateMessage {
  type: "rate";
  at: string;
  events_per_second: number;
  queue: number;
  lag: number;
  applied_event_id: number;
}

// What is sent there is no answer, and in no description of answers.
export type LiveMessage =
  | { type: "hello"; version: string }
  | { type: "post"; post: Post }
  | { type: "edit"; post: Post }
  | { type: "delete"; instance_id: number; id: string }
  | ({ type: "counts"; instance_id: number; id: string } & Partial<
      Pick<Post, "replies_count" | "reblogs_count" | "favourites_count" | "engagement_score">
    >)
  | RateMessage
  | ({ type: "connector" } & Connector)
  | ({ type: "job" } & Job)
  | { type: "dropped"; count: number };

export type LiveState = { kind: "connecting" } | { kind: "open" } | { kind: "waiting"; until: number; attempts: number };

export const liveState = new Store<LiveState>({ kind: "connecting" });
// Since when nothing is heard; null while it is.
export const lostSince = new Store<number | null>(null);
// Counts up each time the connection is there again after it was lost: whatever is shown may be old then.
export const reconnects = new Store(0);
export const lastRate = new Store<RateMessage | null>(null);

const kFirstWaitMs = 500;
const kLongestWaitMs = 30_000;
// The server speaks every second; a connection that says nothing for so long is dead.
const kSilenceMs = 15_000;
// The server's goodbye to whoever may listen no more: signed out elsewhere, deactivated, or a password is asked for now.
const kRefused = 1008;
const kAlwaysWanted = ["rate", "connectors", "jobs"];

type Listener = (message: LiveMessage) => void;
const listeners = new Set<Listener>();

let socket: WebSocket | undefined;
let attempts = 0;
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let silenceTimer: ReturnType<typeof setTimeout> | undefined;
let postReaders = 0;

function subscribe(): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const topics = postReaders > 0 ? ["posts", ...kAlwaysWanted] : kAlwaysWanted;
  socket.send(JSON.stringify({ type: "subscribe", topics }));
}

function retryLater(): void {
  const wait = Math.min(kLongestWaitMs, kFirstWaitMs * 2 ** attempts);
  const jittered = wait * (0.5 + Math.random() / 2);
  attempts += 1;
  liveState.set({ kind: "waiting", until: Date.now() + jittered, attempts });
  clearTimeout(retryTimer);
  retryTimer = setTimeout(open, jittered);
}

function expectMore(): void {
  clearTimeout(silenceTimer);
  silenceTimer = setTimeout(() => socket?.close(), kSilenceMs);
}

function receive(text: unknown): void {
  if (typeof text !== "string") return;
  let message: LiveMessage;
  try {
    message = JSON.parse(text) as LiveMessage;
  } catch {
    return;
  }
  if (message?.type === "rate") lastRate.set(message);
  for (const listener of [...listeners]) listener(message);
}

function open(): void {
  clearTimeout(retryTimer);
  if (socket && socket.readyState <= WebSocket.OPEN) return;
  liveState.set({ kind: "connecting" });
  const address = new URL("/api/v1/live", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(address);
  socket = opened;
  opened.onopen = () => {
    attempts = 0;
    liveState.set({ kind: "open" });
    if (lostSince.get() !== null) reconnects.set(reconnects.get() + 1);
    lostSince.set(null);
    subscribe();
    expectMore();
  };
  opened.onmessage = (event) => {
    expectMore();
    receive(event.data);
  };
  opened.onclose = (event) => {
    if (socket !== opened) return;
    clearTimeout(silenceTimer);
    lostSince.set(lostSince.get() ?? Date.now());
    if (event.code === kRefused) void loadSession();
    retryLater();
  };
}

// At once, if it is waiting: the reader asked, or the network came back.
export function reconnectNow(): void {
  if (liveState.get().kind !== "waiting") return;
  attempts = 0;
  open();
}

export function startLive(): void {
  open();
  addEventListener("online", reconnectNow);
  session.watch(() => session.get()?.signed_in && reconnectNow());
  document.addEventListener("visibilitychange", () => document.hidden || reconnectNow());
}

export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLive(listener: Listener): void {
  useEffect(() => listen(listener), [listener]);
}

// Posts are sent only while a room shows them: most rooms need none.
export function wantPosts(): () => void {
  postReaders += 1;
  if (postReaders === 1) subscribe();
  return () => {
    postReaders -= 1;
    if (postReaders === 0) subscribe();
  };
}
