// Drafts: what a person has begun to write and not sent. They outlive the room, the tab and the browser, and belong to the
// person who is signed in. kept_drafts.ts knows where they are kept; this is how rooms use them.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Elsewhere, elsewhere, forgetDraft, lookElsewhere, readDraft, writeDraft } from "./kept_drafts.ts";
import { useStore } from "./store.ts";

// Reads the draft `name` (null: none) once and gives it to `take`; true when it was read, whether there was one or not.
export function useDraft<T>(name: string | null, take: (draft: T) => void): boolean {
  const [read, setRead] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    if (name !== null) {
      void readDraft(name).then((draft) => {
        if (!isWanted) return;
        if (draft !== undefined) take(draft as T);
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
  const saved = useRef(""); // compared by its value: a page may go before it is painted, and with that before any effect
  const over = useRef(false);
  latest.current = { name, value, isWorth };
  const save = () => {
    const now = latest.current;
    const text = JSON.stringify(now);
    if (over.current || now.name === null || text === saved.current) return;
    saved.current = text;
    void (now.isWorth ? writeDraft(now.name, now.value) : forgetDraft(now.name));
  };
  useEffect(() => {
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
    if (latest.current.name !== null) void forgetDraft(latest.current.name);
  };
  return { forget };
}

// What another tab or browser made of the same draft; null: nothing that this one does not know.
export function useElsewhere(name: string | null): { found: Elsewhere | null; dismiss: () => void } {
  const found = useStore(elsewhere);
  const dismiss = () => elsewhere.set(null);
  useEffect(() => {
    if (name === null) return;
    const look = () => document.hidden || void lookElsewhere(name);
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
      dismiss();
    };
  }, [name]);
  return { found: found?.name === name ? found : null, dismiss };
}
