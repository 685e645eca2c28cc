// Retry and replay: what they do, how far they are, what came of them.
import { useEffect, useRef, useState } from "preact/hooks";
import { fullNumber } from "../lib/format.ts";
import { dismissJob, jobView, startJob } from "../lib/jobs.ts";
import { useStore } from "../lib/store.ts";
import type { Job } from "../lib/types.ts";
import { Failure } from "../ui/states.tsx";

const kNames: Record<string, string> = { retry: "Retry", replay: "Replay" };

function nameOf(kind: string): string {
  return kNames[kind.replace(/^events?[._-]/, "")] ?? kind;
}

function Progress({ job }: { job: Job }) {
  const known = !!job.total && job.total > 0;
  const percent = known ? Math.floor((job.done / job.total!) * 100) : undefined;
  return (
    <>
      <progress max={known ? job.total! : undefined} value={known ? job.done : undefined} aria-labelledby="job-title" />
      <p class="job-figures">
        {known ? `${fullNumber(job.done)} of ${fullNumber(job.total!)} events, ${percent} %` : `${fullNumber(job.done)} events`}
        {job.message && <span class="faint"> {job.message}</span>}
      </p>
    </>
  );
}

const kEndings: Record<Job["state"], string> = { running: "is running", done: "is done", failed: "failed", cancelled: "was stopped" };

function Result({ job }: { job: Job }) {
  const figures = Object.entries(job.result ?? {}).filter(([, value]) => ["number", "string"].includes(typeof value));
  return (
    <>
      {job.message && <p class={job.state === "failed" ? "bad-text" : ""}>{job.message}</p>}
      {figures.length > 0 && (
        <dl class="job-result">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll("_", " ")}</dt>
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
        {nameOf(job.kind)} {kEndings[job.state]}
      </h2>
      <p class="hidden-text" role="status">
        {nameOf(job.kind)} {kEndings[job.state]}
      </p>
      {running ? <Progress job={job} /> : <Result job={job} />}
      {running && (
        <p class="faint">
          You can leave this page, or close it: the work goes on in linnet, and new events are taken in meanwhile. If linnet itself is
          stopped, nothing that was received is lost, because the log is only read.
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
      <ReplayDialog open={asking} onClose={() => setAsking(false)} />
    </>
  );
}
