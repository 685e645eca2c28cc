// Words given on requests for approval. Each waits for a few seconds, in which it can be taken back, before it is sent.
import { asApiError, post, type ApiError } from "./api.ts";
import { loadNotices } from "./session.ts";
import { Store } from "./store.ts";
import { kUndoMs, later, takeBack, undoables } from "./undo.ts";

export interface Decision {
  id: string; // of the request
  word: "approve" | "reject";
  text?: string; // takes the place of what was asked for
  behind: string[]; // the requests of its thread that get the same word
  until: number;
  state: "waiting" | "sending" | "sent";
}

export const decisions = new Store<readonly Decision[]>([]);
export const refusals = new Store<Readonly<Record<string, ApiError>>>({}); // by request
export const answered = new Store(0); // how many words the program has answered

export const kSaid = { approve: "Approved", reject: "Rejected" };
const kName = "approval ";
export const isDecision = (undoableId: string) => undoableId.startsWith(kName);
const without = (id: string) => decisions.get().filter((decision) => decision.id !== id);

function noteRefusal(id: string, error: ApiError | undefined): void {
  const { [id]: _, ...others } = refusals.get();
  refusals.set(error ? { ...others, [id]: error } : others);
}

async function send(decision: Decision, outlivesPage: boolean): Promise<void> {
  const { id, word, behind, text } = decision;
  decisions.set([...without(id), { ...decision, state: "sending" }]);
  try {
    await post(`/approvals/${id}`, { decision: word, thread: behind.length > 0, ...(text === undefined ? {} : { text }) }, outlivesPage);
    decisions.set([...without(id), { ...decision, state: "sent" }]);
    await loadNotices();
  } catch (error) {
    decisions.set(without(id));
    noteRefusal(id, asApiError(error));
  }
  answered.set(answered.get() + 1);
}

// `name`: what it is about, for whoever has left the room.
export function decide(id: string, name: string, word: Decision["word"], behind: string[], text?: string): void {
  noteRefusal(id, undefined);
  const decision: Decision = { id, word, behind, text, until: Date.now() + kUndoMs, state: "waiting" };
  decisions.set([...without(id), decision]);
  later({
    id: kName + id,
    words: `${kSaid[word]}: ${name}`,
    run: (outlivesPage) => send(decision, outlivesPage),
    onBack: () => decisions.set(without(id)),
  });
}

// The request that waits for a word again: the one decided last, unless it is named.
export function undo(id?: string): string | undefined {
  const newest = undoables.get().filter((one) => isDecision(one.id));
  return takeBack(id === undefined ? (newest.at(-1)?.id ?? kName) : kName + id)?.slice(kName.length);
}
