// What the reader chose, kept by the browser.
import { Store } from "./store.ts";

export type Theme = "auto" | "light" | "dark";

function read(name: string): string | null {
  try {
    return localStorage.getItem(`linnet.${name}`);
  } catch {
    return null; // storage is off: the choice lasts as long as the page
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`linnet.${name}`, value);
  } catch {
    // as above
  }
}

function kept<T extends string>(name: string, fallback: T, allowed: readonly T[]): Store<T> {
  const stored = read(name) as T | null;
  const store = new Store<T>(stored && allowed.includes(stored) ? stored : fallback);
  store.watch(() => write(name, store.get()));
  return store;
}

const kOnOff = ["on", "off"] as const;

export const theme = kept<Theme>("theme", "auto", ["auto", "light", "dark"]);
// Off at first: a picture is fetched from its own server, which learns who looks at it.
export const pictures = kept<"on" | "off">("pictures", "off", kOnOff);
export const liveMoves = kept<"on" | "off">("live-moves", "off", kOnOff);
export const shortcuts = kept<"on" | "off">("shortcuts", "on", kOnOff);
export const rateRange = kept<"minutes" | "hour">("rate", "minutes", ["minutes", "hour"]);

// Counts up whenever colours change, for what is drawn rather than styled.
export const paletteVersion = new Store(0);

function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  paletteVersion.set(paletteVersion.get() + 1);
}

export function startTheme(): void {
  applyTheme();
  theme.watch(applyTheme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
}
