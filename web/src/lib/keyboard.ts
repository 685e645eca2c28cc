// Keys. Single letters act only where nobody is typing, and can be turned off altogether.
import { kAreas, startOf } from "../rooms.ts";
import { shortcuts } from "./prefs.ts";
import { navigate } from "./router.ts";
import { may } from "./session.ts";
import { Store } from "./store.ts";
import { takeBack } from "./undo.ts";

export const helpOpen = new Store(false);

export const paletteOpen = new Store(false);

export const kShortcuts: { keys: string[]; does: string }[] = [
  { keys: ["Ctrl K"], does: "Find a room, a tag, a person, a post, or do something" },
  ...kAreas.map(({ key, name }) => ({ keys: ["g", key], does: `Go to ${name}` })),
  { keys: ["c"], does: "Write a new post" },
  { keys: ["/"], does: "Search" },
  { keys: ["j"], does: "Next post, row or request" },
  { keys: ["k"], does: "The one before" },
  { keys: ["Enter"], does: "Open it" },
  { keys: ["x"], does: "Choose a row, where something can be done with several" },
  { keys: ["u"], does: "Undo, for five seconds" },
  { keys: ["a"], does: "Approve (in Approvals); t a whole thread, e edits, r rejects" },
  { keys: ["p"], does: "Let the live list move by itself, or hold it (in Live)" },
  { keys: ["?"], does: "These shortcuts" },
  { keys: ["Esc"], does: "Close, or leave the search box" },
];

const kMayRepeat = new Set(["j", "k"]); // they only move

let held = ""; // what gave a key its effect is over when it is let go: until then it types nothing either
let awaitsRoom = false; // the letter after «g» names a room, however long it takes to come

const actions = new Map<string, (() => void)[]>();

// Gives `key` a meaning while the caller's component is there; of several the newest counts.
export function onKey(key: string, action: () => void): () => void {
  actions.set(key, [...(actions.get(key) ?? []), action]);
  return () => {
    actions.set(
      key,
      (actions.get(key) ?? []).filter((one) => one !== action),
    );
  };
}

// As above, for what sends, removes or decides: it does nothing while anything on the page is being written.
export function onDecidingKey(key: string, action: () => void): () => void {
  return onKey(key, () => {
    if (!document.querySelector("main [data-editing]")) action();
  });
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");
}

function focusSearch(): void {
  const box = document.querySelector<HTMLInputElement>("main [data-search]");
  if (!box) return navigate("/listen/posts?focus=search");
  box.focus();
  box.select();
}

// Moves to the next or the previous item of the page's list.
function moveItem(step: 1 | -1): void {
  const items = [...document.querySelectorAll<HTMLElement>("main [data-item]")];
  if (items.length === 0) return;
  const active = document.activeElement?.closest<HTMLElement>("[data-item]") ?? null;
  const at = active ? items.indexOf(active) : -1;
  const next = at < 0 ? (step > 0 ? firstVisible(items) : undefined) : items[at + step];
  if (!next) {
    if (step > 0) document.querySelector<HTMLElement>("[data-load-more]")?.click();
    return;
  }
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function firstVisible(items: HTMLElement[]): HTMLElement | undefined {
  return items.find((item) => item.getBoundingClientRect().bottom > 80) ?? items[0];
}

function openItem(event: KeyboardEvent): void {
  const item = event.target as HTMLElement;
  if (!item.matches?.("[data-item][data-href]")) return;
  event.preventDefault();
  navigate(item.dataset.href!);
}

// Whatever the letter is, it has no other meaning.
function goToRoom(key: string): boolean {
  if (!awaitsRoom || key.length > 1) return false;
  awaitsRoom = false;
  const area = kAreas.find((one) => one.key === key);
  const start = area && startOf(area);
  if (start) navigate(start);
  return true;
}

// A key that is held presses no button again and again.
function isHeldOnButton(event: KeyboardEvent): boolean {
  return event.repeat && event.key === "Enter" && !(event.target as HTMLElement | null)?.closest?.("textarea, [contenteditable=true]");
}

// Also while somebody types: it types nothing.
function openPalette(event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return false;
  event.preventDefault();
  paletteOpen.set(!paletteOpen.get());
  return true;
}

function onKeyDown(event: KeyboardEvent): void {
  if (openPalette(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (isHeldOnButton(event) || (event.repeat && event.key === held)) return event.preventDefault();
  if (event.key === "Escape" && isTyping(event.target)) return (event.target as HTMLElement).blur();
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter") return openItem(event);
  if (event.key === "Escape") awaitsRoom = false;
  if (shortcuts.get() === "off") return;
  if (event.repeat && !kMayRepeat.has(event.key)) return;
  if (goToRoom(event.key)) return event.preventDefault();
  // What a room gives a key goes before what the key does elsewhere.
  const action = actions.get(event.key)?.at(-1) ?? kKeys[event.key];
  if (!action) return;
  event.preventDefault();
  if (!kMayRepeat.has(event.key)) held = event.key;
  action();
}

const kKeys: Record<string, () => void> = {
  g: () => (awaitsRoom = true),
  "/": focusSearch,
  j: () => moveItem(1),
  k: () => moveItem(-1),
  u: () => takeBack(),
  c: () => may("act") && navigate("/publish/studio"),
  "?": () => helpOpen.set(true),
};

export function startKeyboard(): void {
  addEventListener("keydown", onKeyDown);
  addEventListener("keyup", () => (held = ""));
  addEventListener("pointerdown", () => (awaitsRoom = false));
}
