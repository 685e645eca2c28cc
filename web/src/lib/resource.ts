// What is read as a whole, and again when it changes, now and then, and when the connection comes back.
import { useCallback, useEffect, useState } from "preact/hooks";
import { asApiError, get, type ApiError } from "./api.ts";
import { reconnects } from "./live.ts";
import { useStore } from "./store.ts";

export interface Loaded<T> {
  value: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  reload: () => void;
}

// Reads `path` (null: nothing), again when it changes and every `everyMs` while the page is visible. The old value
// stays while a new one of the same path is on its way.
export function useResource<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; value?: T; error?: ApiError }>({ path: null });
  const [round, setRound] = useState(0);
  const reconnected = useStore(reconnects);
  const reload = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (value) => !abort.signal.aborted && setState({ path, value }),
      (error) =>
        !abort.signal.aborted && setState((old) => ({ path, value: old.path === path ? old.value : undefined, error: asApiError(error) })),
    );
    return () => abort.abort();
  }, [path, round, reconnected]);

  useEffect(() => {
    if (!everyMs || path === null) return;
    const timer = setInterval(() => document.hidden || reload(), everyMs);
    return () => clearInterval(timer);
  }, [path, everyMs]);

  const current = state.path === path ? state : undefined;
  return { value: current?.value, error: current?.error, loading: path !== null && current === undefined, reload };
}
