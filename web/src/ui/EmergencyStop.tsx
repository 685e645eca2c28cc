// The emergency stop, and what needs a person's eye.
import { useRef } from "preact/hooks";
import { post } from "../lib/api.ts";
import { loadNotices, may, notices } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { useWork } from "./forms.tsx";

export function EmergencyStop() {
  const { items } = useStore(notices);
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, run, trouble } = useWork();
  const stopped = items.some((notice) => notice.kind === "stopped");
  if (!may("stop")) return null;
  const act = (path: string) => () =>
    void run(async () => {
      await post(path, {});
      await loadNotices();
      dialog.current?.close();
    });
  return (
    <>
      {stopped ? (
        <button type="button" class="button small" disabled={busy || !may("approve")} onClick={act("/resume")} data-resume>
          Go on
        </button>
      ) : (
        <button type="button" class="button small stop" onClick={() => dialog.current?.showModal()} data-stop>
          Stop all
        </button>
      )}
      <dialog ref={dialog} class="replay-dialog" aria-labelledby="stop-title">
        <h2 id="stop-title">Stop everything?</h2>
        <p>Nothing leaves Linnet until somebody lets it go on. What is on its way is cut off and looked up later.</p>
        {trouble}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Not now
          </button>
          <button type="button" class="button stop" disabled={busy} onClick={act("/stop")}>
            Stop all
          </button>
        </div>
      </dialog>
    </>
  );
}

const kActions: Record<string, string> = {
  late: "/actions?status=pending",
  unknown: "/actions?status=unknown",
  unverified: "/actions?status=success&verified=false",
};

export function Notices() {
  const { items } = useStore(notices);
  if (items.length === 0) return null;
  return (
    <ul class="notices" role="status" aria-label="Needs your eye">
      {items.map((notice) => (
        <li key={notice.kind + notice.target}>
          {notice.text}
          {["signed_out", "credentials", "messages", "paused"].includes(notice.kind) && (
            <>
              {" "}
              <a href="/accounts">Accounts</a>
            </>
          )}
          {kActions[notice.kind] && (
            <>
              {" "}
              <a href={kActions[notice.kind]}>Actions</a>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
