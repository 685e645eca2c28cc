// Keys. Single letters act only where nobody is typing, and can be turned off altogether.
import { navigate } from "./router.ts";
import { shortcuts } from "./prefs.ts";
import { Store } from "./store.ts";

export const helpOpen = new Store(false);

export const kShortcuts: { keys: string[]; does: string }[] = [
  { keys: ["g", "n"], does: "Go to Now" },
  { keys: ["g", "p"], does: "Go to Posts" },
  { keys: ["g", "h"], does: "Go to Hashtags" },
  { keys: ["g", "e"], does: "Go to Events" },
  { keys: ["g", "w"], does: "Write" },
  { keys: ["g", "a"], does: "Go to Approvals; there: a approves, t a whole thread, e edits, r rejects" },
  { keys: ["g", "t"], does: "Go to Actions" },
  { keys: ["g", "c"], does: "Go to Accounts" },
  { keys: ["g", "r"], does: "Go to Rules" },
  { keys: ["g", "u"], does: "Go to the audit trail" },
  { keys: ["g", "i"], does: "Go to the inbox" },
  { keys: ["g", "o"], does: "Go to People" },
  { keys: ["/"], does: "Search" },
  { keys: ["j"], does: "Next post or row" },
  { keys: ["k"], does: "The one before" },
  { keys: ["Enter"], does: "Open it" },
  { keys: ["p"], does: "Pause or resume the live list (in Now)" },
  { keys: ["?"], does: "These shortcuts" },
  { keys: ["Esc"], does: "Close, or leave the search box" },
];

const kRooms: Record<string, string> = { n: "/", p: "/posts", h: "/hashtags", e: "/events", w: "/write", a: "/approvals", t: "/actions", c: "/accounts", r: "/rules", u: "/audit", i: "/inbox", o: "/people" };
const kSequenceMs = 1200;

let awaitingRoom = 0; // until when a letter after «g» names a room

const actions = new Map<string, () => void>();

// Gives `key` a meaning while the caller's component is there.
export function onKey(key: string, action: () => void): () => void {
  actions.set(key, action);
  return () => {
    if (actions.get(key) === action) actions.delete(key);
  };
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]");
}

function focusSearch(): void {
  const box = document.querySelector<HTMLInputElement>("main [data-search]");
  if (!box) return navigate("/posts?focus=search");
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

function goToRoom(key: string): boolean {
  if (performance.now() > awaitingRoom) return false;
  awaitingRoom = 0;
  const room = kRooms[key];
  if (room) navigate(room);
  return room !== undefined;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape" && isTyping(event.target)) return (event.target as HTMLElement).blur();
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter") return openItem(event);
  if (shortcuts.get() === "off") return;
  if (goToRoom(event.key)) return event.preventDefault();
  // What a room gives a key goes before what the key does elsewhere.
  const action = actions.get(event.key) ?? kKeys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

const kKeys: Record<string, () => void> = {
  "g": () => (awaitingRoom = performance.now() + kSequenceMs),
  "/": focusSearch,
  "j": () => moveItem(1),
  "k": () => moveItem(-1),
  "?": () => helpOpen.set(true),
};

export function startKeyboard(): void {
  addEventListener("keydown", onKeyDown);
}
