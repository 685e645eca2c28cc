// Long work in the program (retry, replay) as this browser tab started it.
import { ApiError, asApiError, get, post } from "./api.ts";
import { listen } from "./live.ts";
import { Store } from "./store.ts";
import type { Job } from "./api_types.ts";

export interface JobView {
  job: Job | null;
  starting: string | null; // the kind
  error: ApiError | null;
}

const kPollMs = 1000;
const kStorageKey = "linnet.job";

export const jobView = new Store<JobView>({ job: null, starting: null, error: null });

let followed: string | null = null;
let heardAt = 0;
let poll: ReturnType<typeof setInterval> | undefined;

function update(job: Job): void {
  jobView.set({ job, starting: null, error: null });
  if (job.state === "running") return;
  clearInterval(poll);
  sessionStorage.removeItem(kStorageKey);
}

function follow(id: string): void {
  followed = id;
  sessionStorage.setItem(kStorageKey, id);
  clearInterval(poll);
  poll = setInterval(() => {
    // The live connection tells of it sooner; asking is for when that is down.
    if (performance.now() - heardAt > 2 * kPollMs) void ask(id);
  }, kPollMs);
  void ask(id);
}

async function ask(id: string): Promise<void> {
  try {
    const job = await get<Job>(`/jobs/${encodeURIComponent(id)}`);
    if (followed === id) update(job);
  } catch (error) {
    if (followed !== id || !(error instanceof ApiError) || error.status !== 404) return;
    // The program was started anew: what it was doing then it has taken up by itself.
    clearInterval(poll);
    sessionStorage.removeItem(kStorageKey);
    jobView.set({ job: null, starting: null, error: null });
  }
}

export async function startJob(kind: "retry" | "replay"): Promise<void> {
  jobView.set({ job: null, starting: kind, error: null });
  try {
    const { job } = await post<{ job: string }>(`/events/${kind}`);
    follow(String(job));
  } catch (error) {
    jobView.set({ job: null, starting: null, error: asApiError(error) });
  }
}

// Whenever any job changes; answers how to stop listening.
export function onJobChange(tell: () => void): () => void {
  return listen((message) => {
    if (message.type === "job") tell();
  });
}

export async function changeJob(job: Job, how: "cancel" | "run"): Promise<ApiError | null> {
  try {
    await post<Job>(`/jobs/${encodeURIComponent(job.id)}/${how}`);
    return null;
  } catch (error) {
    return asApiError(error);
  }
}

export function dismissJob(): void {
  followed = null;
  clearInterval(poll);
  jobView.set({ job: null, starting: null, error: null });
}

export function startJobs(): void {
  listen((message) => {
    if (message.type !== "job" || String(message.id) !== followed) return;
    heardAt = performance.now();
    update(message);
  });
  const left = sessionStorage.getItem(kStorageKey);
  if (left) follow(left);
}
