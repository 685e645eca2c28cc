// Reads of and requests to /api/v1, with the errors a reader can act on.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { arrivedByBack } from "./router.ts";
import type { Page } from "./types.ts";

const kBase = "/api/v1";
const kTimeoutMs = 30_000;
let csrf = "";

// What a session's changing requests must show.
export function setCsrf(token: string): void {
  csrf = token;
}

// status 0: no answer at all.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field?: string,
  ) {
    super(detail || title);
  }
}

type Parameters = Record<string, string | number | boolean | null | undefined>;

// The path with those parameters that have a value.
export function withParameters(path: string, parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const problem = await response.json();
    return new ApiError(response.status, String(problem.title ?? ""), String(problem.detail ?? ""), problem.field);
  } catch {
    return new ApiError(response.status, `The server answered ${response.status}`, "");
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), kTimeoutMs);
  init.signal?.addEventListener("abort", () => timeout.abort());
  try {
    const response = await fetch(kBase + path, { ...init, signal: timeout.signal });
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof ApiError || init.signal?.aborted) throw error;
    if (timeout.signal.aborted) throw new ApiError(0, "No answer in 30 seconds", "");
    if (error instanceof SyntaxError) throw new ApiError(0, "The answer is not JSON", "Something other than Linnet answered.");
    throw new ApiError(0, "Linnet does not answer", "");
  } finally {
    clearTimeout(timer);
  }
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { headers: { accept: "application/json" }, signal });
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  return request<T>(path, {
    method: "POST",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "x-linnet-csrf": csrf,
    },
    body: JSON.stringify(body ?? {}),
  });
}

export interface Loaded<T> {
  value: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "Something went wrong here", String(error));
}

// Reads `path` (null: nothing), again when it changes and every `everyMs` while the page is visible. The old value
// stays while a new one of the same path is on its way.
export function useResource<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; value?: T; error?: ApiError }>({ path: null });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (value) => !abort.signal.aborted && setState({ path, value }),
      (error) =>
        !abort.signal.aborted &&
        setState((old) => ({ path, value: old.path === path ? old.value : undefined, error: asApiError(error) })),
    );
    return () => abort.abort();
  }, [path, round]);

  useEffect(() => {
    if (!everyMs || path === null) return;
    const timer = setInterval(() => document.hidden || reload(), everyMs);
    return () => clearInterval(timer);
  }, [path, everyMs]);

  const current = state.path === path ? state : undefined;
  return { value: current?.value, error: current?.error, loading: path !== null && current === undefined, reload };
}

export interface List<T> extends Loaded<T[]> {
  next: string | null;
  loadingMore: boolean;
  loadMore: () => void;
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

// Reads a list page by page.
export function useList<T>(path: string | null): List<T> {
  const [state, setState] = useState<ListState<T>>({ path: null, next: null, more: false });
  const [round, setRound] = useState(0);
  const latest = useRef(state);
  latest.current = state;

  useEffect(() => {
    if (path === null) return;
    const kept = leftLists.get(path);
    if (round === 0 && kept && arrivedByBack()) {
      setState({ path, items: kept.items as T[], next: kept.next, more: false });
      return;
    }
    const abort = new AbortController();
    get<Page<T>>(path, abort.signal).then(
      (page) => {
        if (abort.signal.aborted) return;
        setState({ path, items: page.items, next: page.next ?? null, more: false });
        keepList(path, page.items, page.next ?? null);
      },
      (error) => !abort.signal.aborted && setState({ path, next: null, more: false, error: asApiError(error) }),
    );
    return () => abort.abort();
  }, [path, round]);

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
    reload: () => setRound((n) => n + 1),
  };
}
