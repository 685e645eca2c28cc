// Drafts: what a person has begun to write and not sent. They outlive the room, the tab and the browser, and belong to the
// person who is signed in. This is the only place that knows where they are kept; `Drafts` is all that the rooms ask of it.
import { useEffect, useRef, useState } from "preact/hooks";
import { session } from "./session.ts";

export interface Drafts {
  read<T>(name: string): Promise<T | undefined>;
  write(name: string, value: unknown): Promise<void>;
  forget(name: string): Promise<void>;
}

const kPrefix = "linnet.draft";
const keyOf = (name: string) => `${kPrefix}.${session.get()?.user_id ?? "here"}.${name}`;

// In this browser. Where it keeps nothing (storage is off or full) a draft lasts as long as the page.
class BrowserDrafts implements Drafts {
  private readonly ofPage = new Map<string, string>();

  async read<T>(name: string): Promise<T | undefined> {
    const key = keyOf(name);
    let text = this.ofPage.get(key) ?? null;
    try {
      text ??= localStorage.getItem(key);
      return text === null ? undefined : (JSON.parse(text) as T);
    } catch {
      return undefined; // storage is off, or what is there is no draft
    }
  }

  async write(name: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    this.ofPage.set(keyOf(name), text);
    try {
      localStorage.setItem(keyOf(name), text);
    } catch {
      // as above
    }
  }

  async forget(name: string): Promise<void> {
    this.ofPage.delete(keyOf(name));
    try {
      localStorage.removeItem(keyOf(name));
    } catch {
      // as above
    }
  }
}

export const drafts: Drafts = new BrowserDrafts();

// Reads the draft `name` (null: none) once and gives it to `take`; true when it was read, whether there was one or not.
export function useDraft<T>(name: string | null, take: (draft: T) => void): boolean {
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    if (name !== null) {
      void drafts.read<T>(name).then((draft) => {
        if (!isWanted) return;
        if (draft !== undefined) take(draft);
        setRead(name);
      });
    }
    return () => {
      isWanted = false;
    };
  }, [name]);
  return name !== null && read === name;
}

const kPauseMs = 400;

// Keeps `value` as the draft `name` (null: none is kept) once its writer pauses, and at once when the room or the page is left.
// Where `isWorth` says no, what was kept is forgotten.
export function useAutosave(name: string | null, value: unknown, isWorth: boolean): { forget: () => void } {
  const latest = useRef({ name, value, isWorth });
  const pending = useRef(false);
  const over = useRef(false);
  latest.current = { name, value, isWorth };
  const save = () => {
    const now = latest.current;
    if (!pending.current || over.current || now.name === null) return;
    pending.current = false;
    void (now.isWorth ? drafts.write(now.name, now.value) : drafts.forget(now.name));
  };
  useEffect(() => {
    pending.current = true;
    const timer = setTimeout(save, kPauseMs);
    return () => clearTimeout(timer);
  }, [name, JSON.stringify(value)]);
  useEffect(() => {
    addEventListener("pagehide", save);
    return () => {
      removeEventListener("pagehide", save);
      save();
    };
  }, []);
  const forget = () => {
    over.current = true; // it was sent
    if (latest.current.name !== null) void drafts.forget(latest.current.name);
  };
  return { forget };
}
