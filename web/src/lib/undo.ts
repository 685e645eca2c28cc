// What is done only after five seconds, in which it can be taken back. Whoever leaves the page has not taken it back.
import { session } from "./session.ts";
import { Store } from "./store.ts";

export const kUndoMs = 5000;

export interface Undoable {
  id: string;
  words: string; // what was done, as the reader sees it already
  until: number;
  run: (outlivesPage: boolean) => Promise<void>;
  onBack?: () => void;
  by: string | null;
}

export const undoables = new Store<readonly Undoable[]>([]);

const timers = new Map<string, ReturnType<typeof setTimeout>>();
const who = () => session.get()?.user_id ?? null;

function takeOut(id: string): Undoable | undefined {
  const found = undoables.get().find((one) => one.id === id);
  if (!found) return undefined;
  clearTimeout(timers.get(id));
  timers.delete(id);
  undoables.set(undoables.get().filter((one) => one !== found));
  return found;
}

function finish(id: string, outlivesPage: boolean): void {
  const found = takeOut(id);
  if (!found) return;
  if (found.by !== who()) return found.onBack?.(); // somebody else has signed in: it is not their word
  void found.run(outlivesPage);
}

export function later(wanted: Omit<Undoable, "until" | "by">): void {
  takeOut(wanted.id);
  undoables.set([...undoables.get(), { ...wanted, until: Date.now() + kUndoMs, by: who() }]);
  timers.set(
    wanted.id,
    setTimeout(() => finish(wanted.id, false), kUndoMs),
  );
}

// What was taken back: the newest, unless it is named.
export function takeBack(id?: string): string | undefined {
  const found = takeOut(id ?? undoables.get().at(-1)?.id ?? "");
  found?.onBack?.();
  return found?.id;
}

addEventListener("pagehide", () => undoables.get().forEach(({ id }) => finish(id, true)));
