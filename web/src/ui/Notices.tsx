// The emergency stop, and what needs a person's eye.
import { useRef } from "preact/hooks";
import { post } from "../lib/api.ts";
import { loadNotices, may, notices } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { noticeOf } from "../lib/words.ts";
import { Confirm, useWork } from "./forms.tsx";
import { StopIcon } from "./icons.tsx";

export const isStopped = (items: readonly { kind: string }[]) => items.some((notice) => notice.kind === "stopped");

export async function resumePublishing(): Promise<void> {
  await post("/resume", {});
  await loadNotices();
}

export async function stopPublishing(): Promise<void> {
  await post("/stop", {});
  await loadNotices();
}

function Resume() {
  const { busy, run, trouble } = useWork();
  if (!may("approve")) return null;
  return (
    <>
      <button type="button" class="button small" disabled={busy} onClick={() => void run(resumePublishing)} data-resume>
        Resume publishing
      </button>
      {trouble}
    </>
  );
}

// Asks first: what is on its way is cut off.
export function StopDialog({ dialog, onClose }: { dialog: { current: HTMLDialogElement | null }; onClose?: () => void }) {
  const { busy, run, trouble } = useWork();
  const stop = () =>
    void run(async () => {
      await stopPublishing();
      dialog.current?.close();
    });
  return (
    <Confirm
      dialog={dialog}
      id="stop-title"
      title="Stop publishing?"
      no="Not now"
      yes="Stop publishing"
      busy={busy}
      onYes={stop}
      onClose={onClose}
    >
      <p>Nothing is published until someone resumes. Posts being sent now are interrupted and checked afterwards.</p>
      {trouble}
    </Confirm>
  );
}

export function StopPublishing() {
  const { items } = useStore(notices);
  const dialog = useRef<HTMLDialogElement>(null);
  if (!may("stop") || isStopped(items)) return null;
  return (
    <>
      <button type="button" class="button small stop" onClick={() => dialog.current?.showModal()} data-stop>
        <StopIcon />
        Stop publishing
      </button>
      <StopDialog dialog={dialog} />
    </>
  );
}

// In every room: whoever works while nothing goes out must know it.
export function StoppedNote() {
  const { items } = useStore(notices);
  const stopped = items.find((notice) => notice.kind === "stopped");
  return (
    <div role="status">
      {stopped && (
        <div class="stopped-note">
          <p>
            <b>Publishing is stopped.</b> {noticeOf(stopped).text}
          </p>
          <Resume />
        </div>
      )}
    </div>
  );
}

export function NoticeList() {
  const { items } = useStore(notices);
  const others = items.filter((notice) => notice.kind !== "stopped");
  if (others.length === 0) return null;
  return (
    <ul class="notices" aria-label="Needs your eye">
      {others.map((notice) => {
        const { text, href, link } = noticeOf(notice);
        return (
          <li key={notice.kind + notice.target}>
            <span>{text}</span>
            {href && <a href={href}>{link}</a>}
          </li>
        );
      })}
    </ul>
  );
}
