// Lists that are read page by page and follow what happens: read again when the connection comes back, and when asked to.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, type Page, asApiError, get } from "./api.ts";
import { reconnects } from "./live.ts";
import type { Loaded } from "./resource.ts";
import { arrivedByBack } from "./router.ts";
import { notices } from "./session.ts";
import { useStore } from "./store.ts";

export interface List<T> extends Loaded<T[]> {
  next: string | null;
  loadingMore: boolean;
  loadMore: () => void;
  refresh: () => void; // its beginning is read again, and what was read on demand stays
}

// Lists as they were left, so that «back» finds the reader's place again.
const leftLists = new Map<string, { items: unknown[]; next: string | null }>();
const kListsKept = 12;

function keepList(path: string, items: unknown[], next: string | null): void {
  leftLists.delete(path);
  leftLists.set(path, { items, next });
  if (leftLists.size > kListsKept) leftLists.delete(leftLists.keys().next().value!);
}

interface ListState<T> {
  path: string | null;
  items?: T[];
  next: string | null;
  error?: ApiError;
  more: boolean;
}

// What tells items apart, whatever they are.
function identityOf(item: unknown): string {
  const { id, number, instance_id, name } = item as Record<string, unknown>;
  return [instance_id, id ?? number ?? name].join("/");
}

// The beginning as it is now, then what had been read beyond it.
function withNewBeginning<T>(old: ListState<T>, page: Page<T>): { items: T[]; next: string | null } {
  const before = old.items ?? [];
  const last = page.items.at(-1);
  const at = last === undefined || page.next === null ? -1 : before.findIndex((item) => identityOf(item) === identityOf(last));
  if (at < 0 || at + 1 >= before.length) return { items: page.items, next: page.next ?? null };
  return { items: [...page.items, ...before.slice(at + 1)], next: old.next };
}

export function useList<T>(path: string | null): List<T> {
  const [state, setState] = useState<ListState<T>>({ path: null, next: null, more: false });
  const [round, setRound] = useState({ number: 0, isWhole: true });
  const reconnected = useStore(reconnects);
  const latest = useRef(state);
  latest.current = state;

  useEffect(() => {
    if (path === null) return;
    const kept = leftLists.get(path);
    if (round.number === 0 && kept && arrivedByBack() && latest.current.path !== path) {
      setState({ path, items: kept.items as T[], next: kept.next, more: false });
      return;
    }
    const abort = new AbortController();
    get<Page<T>>(path, abort.signal).then(
      (page) => {
        if (abort.signal.aborted) return;
        const old = latest.current;
        const { items, next } =
          old.path === path && !round.isWhole ? withNewBeginning(old, page) : { items: page.items, next: page.next ?? null };
        setState({ path, items, next, more: false });
        keepList(path, items, next);
      },
      (error) =>
        !abort.signal.aborted &&
        setState((old) => ({
          path,
          items: old.path === path ? old.items : undefined,
          next: old.path === path ? old.next : null,
          more: false,
          error: asApiError(error),
        })),
    );
    return () => abort.abort();
  }, [path, round]);

  const reload = useCallback(() => setRound(({ number }) => ({ number: number + 1, isWhole: true })), []);
  const refresh = useCallback(() => setRound(({ number }) => ({ number: number + 1, isWhole: false })), []);
  const seen = useRef(reconnected);
  useEffect(() => {
    if (seen.current !== reconnected) refresh();
    seen.current = reconnected;
  }, [reconnected]);

  const loadMore = useCallback(() => {
    const now = latest.current;
    if (!now.next || now.more || !now.path || !now.items) return;
    const { path: from, next, items } = now;
    setState({ ...now, more: true, error: undefined });
    const address = `${from}${from.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`;
    get<Page<T>>(address).then(
      (page) => {
        if (latest.current.path !== from) return;
        const all = [...items, ...page.items];
        setState({ path: from, items: all, next: page.next ?? null, more: false });
        keepList(from, all, page.next ?? null);
      },
      (error) => latest.current.path === from && setState({ ...latest.current, more: false, error: asApiError(error) }),
    );
  }, []);

  const current = state.path === path ? state : undefined;
  return {
    value: current?.items,
    next: current?.next ?? null,
    error: current?.error,
    loading: path !== null && current === undefined,
    loadingMore: current?.more ?? false,
    loadMore,
    reload,
    refresh,
  };
}

// Reads a list of what is done again whenever something needs an eye or a word, or needs it no more; and every `everyMs`
// (0: not) while the page is looked at.
export function useFollowing(refresh: () => void, everyMs = 0): void {
  const { items, open_approvals } = useStore(notices);
  const state = JSON.stringify([items, open_approvals]);
  const seen = useRef(state);
  useEffect(() => {
    if (seen.current !== state) refresh();
    seen.current = state;
  }, [state]);
  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(() => document.hidden || refresh(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, refresh]);
}
