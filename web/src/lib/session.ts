// Who uses the app: the session, its rights, and what needs their eye.
import { useEffect } from "preact/hooks";
import { ApiError, get, post, setCsrf } from "./api.ts";
import { Store } from "./store.ts";

export interface Session {
  signed_in: boolean;
  user_id: string | null;
  name: string | null;
  permissions: string[];
  needs_password?: boolean;
  csrf?: string | null;
}

export interface Notice {
  kind: string;
  text: string;
  target: string;
}

export interface Notices {
  items: Notice[];
  open_approvals: number;
}

export const session = new Store<Session | null>(null);
export const notices = new Store<Notices>({ items: [], open_approvals: 0 });

// Whether the first question, who is here, was answered, or cannot be.
export const isAsked = new Store(false);

export const may = (right: string) => session.get()?.permissions.includes(right) ?? false;

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
  const answer = await post<Session>("/session", { name, password });
  setCsrf(answer.csrf ?? "");
  session.set({ ...answer, needs_password: true });
  await loadNotices();
}

// The session before it ends with all others of the person; this is a new one.
export async function changePassword(before: string, after: string): Promise<void> {
  const answer = await post<Session>("/session/password", { old: before, new: after });
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
