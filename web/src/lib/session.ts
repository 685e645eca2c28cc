// Who uses the app: the session, its rights, and what needs their eye.
import { useEffect } from "preact/hooks";
import { ApiError, get, post, setCsrf } from "./api.ts";
import type { Notices, Session, SignedIn } from "./api_types.ts";
import { Store } from "./store.ts";

export const session = new Store<Session | null>(null);
export const notices = new Store<Notices>({ items: [], next: null, open_approvals: 0 });

// Whether the first question, who is here, was answered, or cannot be.
export const isAsked = new Store(false);

export const may = (right: string) => session.get()?.permissions.some((one) => one === right) ?? false;

// Where nobody has said yet who is here, nothing is kept out of sight: the rooms say what is wrong.
export const maySee = (right: string) => session.get() === null || may(right);

export async function loadSession(): Promise<void> {
  try {
    const answer = await get<Session>("/session");
    setCsrf(answer.csrf ?? "");
    session.set(answer);
  } catch {
    // Without an answer the rooms say what is wrong.
  }
  isAsked.set(true);
}

export async function signIn(name: string, password: string): Promise<void> {
  const answer = await post<SignedIn>("/session", { name, password });
  setCsrf(answer.csrf ?? "");
  session.set({ ...answer, needs_password: true });
  await loadNotices();
}

// The session before it ends with all others of the person; this is a new one.
export async function changePassword(before: string, after: string): Promise<void> {
  const answer = await post<SignedIn>("/session/password", { old: before, new: after });
  setCsrf(answer.csrf ?? "");
  session.set({ ...answer, needs_password: true });
}

export async function signOut(): Promise<void> {
  await post("/session/end");
  await loadSession();
}

export async function loadNotices(): Promise<void> {
  if (!may("read")) return;
  try {
    notices.set(await get<Notices>("/notices"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) await loadSession();
  }
}

const kEveryMs = 10_000;

export function useSession(): void {
  useEffect(() => {
    void loadSession().then(loadNotices);
    const timer = setInterval(() => document.hidden || void loadNotices(), kEveryMs);
    return () => clearInterval(timer);
  }, []);
}
