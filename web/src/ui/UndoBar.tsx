// What was done a moment ago, and can be taken back.
import { isDecision } from "../lib/decisions.ts";
import { place } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { takeBack, undoables } from "../lib/undo.ts";
import { useSecondsUntil } from "./basics.tsx";

const SecondsLeft = ({ until }: { until: number }) => <span aria-hidden="true">{useSecondsUntil(until)} s</span>;

export function UndoBar() {
  const { path } = useStore(place);
  const all = useStore(undoables);
  // Approvals shows its own in their places.
  const shown = path === "/publish/approvals" ? all.filter((one) => !isDecision(one.id)) : all;
  return (
    <div class="undo-bar" role="status">
      {shown.map(({ id, words, until }) => (
        <p key={id}>
          <span>{words}</span>
          <button type="button" class="button small" onClick={() => takeBack(id)}>
            Undo <kbd aria-hidden="true">u</kbd> <SecondsLeft until={until} />
          </button>
        </p>
      ))}
    </div>
  );
}
