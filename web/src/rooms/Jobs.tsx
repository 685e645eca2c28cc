// Retry and replay: what they do, how far they are, what came of them; and all other jobs.
import { useEffect, useRef, useState } from "preact/hooks";
import { useResource } from "../lib/resource.ts";
import type { ApiError } from "../lib/api.ts";
import { fullNumber } from "../lib/format.ts";
import { useList } from "../lib/list.ts";
import { changeJob, dismissJob, jobView, onJobChange, startJob } from "../lib/jobs.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import type { Account, Job } from "../lib/api_types.ts";
import { figureWord, jobEnding, jobStateWord, jobWord, plainly } from "../lib/words.ts";
import { Time } from "../ui/basics.tsx";
import { Failure } from "../ui/states.tsx";

const nameOf = jobWord;

function Progress({ job }: { job: Job }) {
  const known = !!job.total && job.total > 0;
  const percent = known ? Math.floor((job.done / job.total!) * 100) : undefined;
  return (
    <>
      <progress max={known ? job.total! : undefined} value={known ? job.done : undefined} aria-labelledby="job-title" />
      <p class="job-figures">
        {known ? `${fullNumber(job.done)} of ${fullNumber(job.total!)} events, ${percent} %` : `${fullNumber(job.done)} events`}
        {job.message && <span class="faint"> {plainly(job.message)}</span>}
      </p>
    </>
  );
}

function Result({ job }: { job: Job }) {
  const figures = Object.entries(job.result ?? {}).filter(([, value]) => ["number", "string"].includes(typeof value));
  return (
    <>
      {job.message && <p class={job.state === "failed" ? "bad-text" : ""}>{plainly(job.message)}</p>}
      {figures.length > 0 && (
        <dl class="job-result">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{figureWord(name)}</dt>
              <dd>{typeof value === "number" ? fullNumber(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <button type="button" class="button small" onClick={dismissJob}>
        Close
      </button>
    </>
  );
}

function JobPanel({ job }: { job: Job }) {
  const running = job.state === "running";
  return (
    <section class={`job ${job.state}`} aria-labelledby="job-title" data-job={job.state}>
      <h2 id="job-title">
        {nameOf(job.kind)} {jobEnding(job.state)}
      </h2>
      <p class="hidden-text" role="status">
        {nameOf(job.kind)} {jobEnding(job.state)}
      </p>
      {running ? <Progress job={job} /> : <Result job={job} />}
      {running && (
        <p class="faint">
          You can leave this page, or close it: the work goes on in linnet, and new events are taken in meanwhile. If linnet itself is
          stopped, nothing that was received is lost, because the log is only read, and the work goes on when it runs again.
        </p>
      )}
    </section>
  );
}

function ReplayDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current!.showModal();
    else dialog.current!.close();
  }, [open]);
  const begin = () => {
    onClose();
    void startJob("replay");
  };
  return (
    <dialog ref={dialog} class="replay-dialog" aria-labelledby="replay-title" onClose={onClose}>
      <h2 id="replay-title">Replay the whole log?</h2>
      <p>
        Linnet rebuilds everything that it derives from the log (posts, versions, counts, hashtags) by applying every event again from the
        first one. The outcome is the same as before, byte for byte, unless Linnet has since learned to read more.
      </p>
      <p>
        <b>It is safe to stop.</b> The log itself is only read, and the tables remember which event they have come to; what is missing is
        applied at the next start. Until it is done, lists and figures may be incomplete.
      </p>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={onClose}>
          Not now
        </button>
        <button type="button" class="button primary" onClick={begin}>
          Replay
        </button>
      </div>
    </dialog>
  );
}

const kStateClass: Partial<Record<Job["state"], string>> = { running: "ok", done: "ok", failed: "bad", asking: "bad" };

// When the newest run ended is more than when it was due, once it is over.
function When({ job }: { job: Job }) {
  if (job.ended_at) return <Time at={job.ended_at} />;
  return job.state === "running" ? <>now</> : <Time at={job.due_at} />;
}

function JobButtons({ job, onChanged }: { job: Job; onChanged: (error: ApiError | null) => void }) {
  const [busy, setBusy] = useState(false);
  const change = async (how: "cancel" | "run") => {
    setBusy(true);
    const error = await changeJob(job, how);
    setBusy(false);
    onChanged(error);
  };
  if (job.ended_at || !may("analyze")) return null;
  return (
    <div class="row-buttons">
      {job.state !== "running" && (
        <button type="button" class="button small" disabled={busy} onClick={() => void change("run")} aria-label={`Run now: ${job.title}`}>
          Run now
        </button>
      )}
      <button
        type="button"
        class="button small"
        disabled={busy || job.is_stopping}
        onClick={() => void change("cancel")}
        aria-label={`${job.state === "running" ? "Stop" : "Leave out"}: ${job.title}`}
      >
        {job.state === "running" ? (job.is_stopping ? "Stopping…" : "Stop") : "Leave out"}
      </button>
    </div>
  );
}

// What it is about: a server by its address, an account by its name.
function About({ job, accounts }: { job: Job; accounts: Account[] | undefined }) {
  if (!job.key) return null;
  const nobody = accounts && "of an account that is no longer there";
  const name = accounts?.find(({ id }) => id === job.key)?.username ?? nobody;
  return <span class="faint"> {job.key.includes("://") ? job.key : name}</span>;
}

interface JobLineProps {
  job: Job;
  accounts: Account[] | undefined;
  onChanged: (error: ApiError | null) => void;
}

function JobLine({ job, accounts, onChanged }: JobLineProps) {
  return (
    <tr data-item data-job-row={job.kind}>
      <th scope="row">
        {job.title}
        <About job={job} accounts={accounts} />
      </th>
      <td data-label="State">
        <span class={`state ${kStateClass[job.state] ?? ""}`}>{jobStateWord(job.state)}</span>
      </td>
      <td data-label="When">
        <When job={job} />
      </td>
      <td data-label="Told">
        {plainly(job.message ?? "")}
        {job.asked_by && <span class="faint"> asked for by {job.asked_by}</span>}
      </td>
      <td>
        <JobButtons job={job} onChanged={onChanged} />
      </td>
    </tr>
  );
}

// Those that wait and run, then what the newest ones came to.
function AllJobs() {
  const alive = useResource<{ items: Job[] }>("/jobs?alive=true&limit=100", 10_000);
  const newest = useResource<{ items: Job[] }>("/jobs?limit=100", 10_000);
  const accounts = useList<Account>("/accounts");
  const [refused, setRefused] = useState<ApiError | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onJobChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => (alive.reload(), newest.reload()), 300);
    });
    return () => (clearTimeout(timer), stop());
  }, []);
  const error = alive.error ?? newest.error;
  if (error) return <Failure error={error} onRetry={() => (alive.reload(), newest.reload())} />;
  if (!alive.value || !newest.value) return <p role="status">Loading…</p>;
  const jobs = [...alive.value.items, ...newest.value.items.filter((job) => job.ended_at).slice(0, 20)];
  const onChanged = (problem: ApiError | null) => {
    setRefused(problem);
    alive.reload();
    newest.reload();
  };
  return (
    <>
      {refused && <Failure error={refused} onRetry={() => setRefused(null)} />}
      <table class="list">
        <caption class="hidden-text">Jobs that wait and run, and what the newest ones came to</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">When</th>
            <th scope="col">Told</th>
            <th scope="col">
              <span class="hidden-text">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobLine key={job.id} job={job} accounts={accounts.value} onChanged={onChanged} />
          ))}
        </tbody>
      </table>
    </>
  );
}

// Asked for only once somebody looks.
function JobList() {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)} data-all-jobs>
      <summary>All jobs: what is done by the clock, and what takes long</summary>
      {open && <AllJobs />}
    </details>
  );
}

export function Jobs() {
  const { job, starting, error } = useStore(jobView);
  const [asking, setAsking] = useState(false);
  const busy = starting !== null || job?.state === "running";
  return (
    <>
      <ul class="actions">
        <li>
          <button type="button" class="button" disabled={busy} onClick={() => void startJob("retry")} data-retry>
            Retry failed
          </button>
          <span class="faint">Tries again every event that could not be applied.</span>
        </li>
        <li>
          <button type="button" class="button" disabled={busy} onClick={() => setAsking(true)} data-replay>
            Replay…
          </button>
          <span class="faint">Rebuilds all tables from the log. Safe to stop at any moment.</span>
        </li>
      </ul>
      {error && <Failure error={error} onRetry={dismissJob} />}
      {starting && <p role="status">{nameOf(starting)} is starting…</p>}
      {job && <JobPanel job={job} />}
      <JobList />
      <ReplayDialog open={asking} onClose={() => setAsking(false)} />
    </>
  );
}
