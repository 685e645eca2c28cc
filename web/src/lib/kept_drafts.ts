// Where drafts are kept: in this browser at once, so that nothing is lost while Linnet cannot be reached, and on the server,
// so that they are there in the next browser. The newest wins; what it replaced, or what did not win, is offered.
import { ApiError, get, post } from "./api.ts";
import { reconnects } from "./live.ts";
import { may, session } from "./session.ts";
import { Store } from "./store.ts";

// `value` absent: it was sent, or emptied. `seen`: what the server called the state that this one came after; empty: none.
interface Kept {
  value?: unknown;
  at: number;
  seen: string;
  isUnsent: boolean;
}

interface OnServer {
  content: unknown;
  saved_at: string;
}

// The same draft was written in another tab or browser as well. `other`: what stands there, where it can be shown.
export interface Elsewhere {
  name: string;
  at: string;
  other?: unknown;
}

export const elsewhere = new Store<Elsewhere | null>(null);

const kPrefix = "linnet.drafts";
const kLongestName = 200; // as the server has it
const kPatienceMs = 3000;
const kMostThatOutlives = 60_000; // of what a browser still sends for a page that is gone

const prefixOfPerson = () => `${kPrefix}.${session.get()?.user_id ?? "here"}.`;
const pathOf = (name: string) => `/drafts/${encodeURIComponent(name.slice(0, kLongestName))}`;
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

const ofPage = new Map<string, Kept>(); // where storage is off or full
const turns = new Map<string, Promise<void>>();

function keptHere(name: string): Kept | undefined {
  const key = prefixOfPerson() + name;
  const found = ofPage.get(key);
  if (found) return found;
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined; // storage is off, or what is there is no draft
  }
}

function keepHere(name: string, kept: Kept): void {
  const key = prefixOfPerson() + name;
  ofPage.set(key, kept);
  try {
    if (kept.value === undefined && !kept.isUnsent) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // as above
  }
}

// undefined: there is none. Throws where nobody can say.
async function askServer(name: string): Promise<OnServer | undefined> {
  try {
    return await get<OnServer>(pathOf(name), AbortSignal.timeout(kPatienceMs));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

// One after another, each with what is newest when its turn comes. What fails stays unsent, and is tried again once the
// connection is back, or when the draft is written on or read.
function send(name: string): Promise<void> {
  const turn = (turns.get(name) ?? Promise.resolve()).then(async () => {
    const kept = keptHere(name);
    if (!kept?.isUnsent || !may("act")) return;
    let saved: { saved_at?: string; replaced_another?: boolean };
    try {
      const body = { content: kept.value, ...(kept.seen ? { seen_at: kept.seen } : {}) };
      if (kept.value === undefined) saved = await post(`${pathOf(name)}/remove`, {}, true);
      else saved = await post(pathOf(name), body, JSON.stringify(body).length < kMostThatOutlives);
    } catch (error) {
      // What was to be removed is not there any more: that is what was wanted.
      if (kept.value !== undefined || !(error instanceof ApiError) || error.status !== 404) return;
      saved = {};
    }
    const now = keptHere(name) ?? kept;
    keepHere(name, { ...now, seen: saved.saved_at ?? "", isUnsent: now !== kept && !isSame(now.value, kept.value) });
    if (saved.replaced_another) elsewhere.set({ name, at: saved.saved_at! });
  });
  turns.set(name, turn);
  return turn;
}

export async function readDraft(name: string): Promise<unknown> {
  const here = keptHere(name);
  if (!may("act")) return here?.value;
  let there: OnServer | undefined;
  try {
    there = await askServer(name);
  } catch {
    return here?.value;
  }
  const isOurTurn = here?.isUnsent && ((there?.saved_at ?? "") === here.seen || !there || here.at >= Date.parse(there.saved_at));
  if (here && isOurTurn) {
    void send(name);
    return here.value;
  }
  keepHere(name, { value: there?.content, at: Date.now(), seen: there?.saved_at ?? "", isUnsent: false });
  if (there && here?.isUnsent && here.value !== undefined && !isSame(here.value, there.content))
    elsewhere.set({ name, at: there.saved_at, other: here.value });
  return there?.content;
}

export function writeDraft(name: string, value: unknown): Promise<void> {
  const before = keptHere(name);
  if (before?.isUnsent || !isSame(before?.value, value))
    keepHere(name, { value, at: Date.now(), seen: before?.seen ?? "", isUnsent: true });
  return send(name);
}

export function forgetDraft(name: string): Promise<void> {
  const before = keptHere(name);
  if (before === undefined || (before.value === undefined && !before.isUnsent)) return Promise.resolve();
  keepHere(name, { at: Date.now(), seen: before.seen, isUnsent: true });
  return send(name);
}

// Whether somebody wrote it elsewhere since; asked when its tab is looked at again.
export async function lookElsewhere(name: string): Promise<void> {
  const here = keptHere(name);
  if (here?.isUnsent || !may("act")) return;
  const there = await askServer(name).catch(() => undefined);
  const now = keptHere(name);
  if (!there || now !== here || there.saved_at === (now?.seen ?? "") || isSame(there.content, now?.value)) return;
  elsewhere.set({ name, at: there.saved_at, other: there.content });
}

// What was written while Linnet could not be reached, in this room or another.
function sendAll(): void {
  const prefix = prefixOfPerson();
  const names = new Set([...ofPage.keys()].filter((key) => key.startsWith(prefix)));
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) names.add(key);
  } catch {
    // as above
  }
  for (const key of names) void send(key.slice(prefix.length));
}
addEventListener("online", sendAll);
reconnects.watch(sendAll);
