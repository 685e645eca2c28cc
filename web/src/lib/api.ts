// Reads of and requests to /api/v1, with the errors a reader can act on.
import { plainly, titleOf } from "./words.ts";

export const kBase = "/api/v1";
const kTimeoutMs = 30_000;
let csrf = "";

// What a session's changing requests must show.
export function setCsrf(token: string): void {
  csrf = token;
}

// status 0: no answer at all. The title is for people, whatever HTTP calls it; none where the server gave a sentence.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field?: string,
  ) {
    super(detail || title);
  }

  // For beside the field, which is named there.
  get ofField(): string {
    return plainly(this.detail.replace(kField, ""));
  }
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

type Parameters = Record<string, string | number | boolean | null | undefined>;

// The path with those parameters that have a value.
export function withParameters(path: string, parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

// «address: no server answers there»: what is wrong with one field begins with its name.
const kField = /^([a-z]+(?:[._][a-z]+)*): /;

// What was answered in place of what was asked for: by Linnet, or by a proxy, whose pages are no words for people.
export function problemOf(status: number, text: string): ApiError {
  let problem: { detail?: unknown } = {};
  try {
    problem = JSON.parse(text) ?? {};
  } catch {
    // No JSON, so it is not Linnet's.
  }
  const said = typeof problem.detail === "string" ? problem.detail : "";
  return new ApiError(status, said ? "" : titleOf(status), said, kField.exec(said)?.[1]);
}

export const notLinnet = () => new ApiError(0, "The answer cannot be read", "Something other than Linnet answered.");
export const noAnswer = () => new ApiError(0, "Linnet does not answer", "");
export const csrfToken = () => csrf;

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), kTimeoutMs);
  init.signal?.addEventListener("abort", () => timeout.abort());
  try {
    const response = await fetch(kBase + path, { ...init, signal: timeout.signal });
    if (!response.ok) throw problemOf(response.status, await response.text());
    return (await response.json()) as T;
  } catch (error) {
    if (error instanceof ApiError || init.signal?.aborted) throw error;
    if (timeout.signal.aborted) throw new ApiError(0, "No answer in 30 seconds", "");
    if (error instanceof SyntaxError) throw notLinnet();
    throw noAnswer();
  } finally {
    clearTimeout(timer);
  }
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { headers: { accept: "application/json" }, signal });
}

// `outlives`: it is sent also while the page is being closed.
export function post<T>(path: string, body?: unknown, outlives = false): Promise<T> {
  return request<T>(path, {
    method: "POST",
    keepalive: outlives,
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "x-linnet-csrf": csrf,
    },
    body: JSON.stringify(body ?? {}),
  });
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, "Something went wrong here", String(error));
}
