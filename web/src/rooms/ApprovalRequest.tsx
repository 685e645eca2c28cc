// One request for approval: all that goes out, and what can be said to it.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Approval } from "../lib/api_types.ts";
import { plainly, typeWord } from "../lib/words.ts";
import type { ApiError } from "../lib/api.ts";
import { kSaid, undo, type Decision } from "../lib/decisions.ts";
import { may } from "../lib/session.ts";
import { About, Context } from "../ui/ApprovalFacts.tsx";
import { Badge, Time, useSecondsUntil } from "../ui/basics.tsx";
import { DraftFacts, Thumbnails } from "../ui/DraftFacts.tsx";
import { Failure } from "../ui/states.tsx";
import { VerdictList } from "../ui/Verdicts.tsx";

// An id says nothing to anybody: who is not known here is said to be so.
const whom = ({ action, context }: Approval) => {
  const name = action.target_name || context.person;
  if (name) return ` to ${name}`;
  if (action.target_type === "user") return " to somebody whose name is not known here";
  return action.action_type === "dm_send" ? " in a conversation" : "";
};
const inThread = ({ action }: Approval, behind: number) => {
  if (behind > 0)
    return action.depends_on ? `, in a thread with ${behind} more behind it` : `, with ${behind} more behind it in its thread`;
  return action.depends_on ? ", later in a thread" : "";
};
export const nameOf = (approval: Approval) => typeWord(approval.action.action_type) + whom(approval);

interface RequestProps {
  approval: Approval;
  behind: number; // how many of its thread wait behind it
  current: boolean;
  edited: string | undefined; // the text in its editor; none: the editor is closed
  refusal: ApiError | undefined;
  onFocus: () => void;
  onEdit: (text: string | undefined) => void;
  onDecide: (word: Decision["word"], thread?: boolean) => void;
}

export function Request({ approval, behind, current, edited, refusal, onFocus, onEdit, onDecide }: RequestProps) {
  const { id, action, context } = approval;
  const card = useRef<HTMLElement>(null);
  const editor = useRef<HTMLTextAreaElement>(null);
  const isEdited = edited !== undefined;
  const isTold = context.verdicts?.some((verdict) => verdict.reason.toLowerCase() === approval.reason.toLowerCase()); // in the list below
  useLayoutEffect(() => {
    if (isEdited) editor.current?.focus();
    else if (current) card.current?.focus();
  }, [isEdited]);
  useLayoutEffect(() => {
    if (current && !card.current?.contains(document.activeElement)) card.current?.focus(); // what is pressed in it keeps it
  }, [current]);
  return (
    <article
      ref={card}
      class={`panel request ${current ? "current" : ""}`}
      tabIndex={-1}
      aria-labelledby={`r-${id}`}
      data-approval={id}
      onFocusIn={onFocus}
    >
      <header class="panel-head">
        <h2 id={`r-${id}`}>
          {nameOf(approval)}
          {inThread(approval, behind)}
        </h2>
        <Badge kind="warn">
          expires <Time at={approval.expires_at} />
        </Badge>
      </header>
      <Context approval={approval} />
      <About approval={approval} />
      {isEdited ? (
        <label class="field">
          <span>Text</span>
          <textarea ref={editor} rows={5} value={edited} data-editing="" onInput={(e) => onEdit(e.currentTarget.value)} />
        </label>
      ) : (
        !!action.text && (
          <blockquote class="words" dir="auto">
            {action.text}
          </blockquote>
        )
      )}
      <Thumbnails action={action} />
      <DraftFacts action={action} />
      <p>
        {!isTold && `${plainly(approval.reason)}. `}Requested by {action.requested_by}.
      </p>
      {!!context.verdicts?.length && <VerdictList verdicts={context.verdicts} />}
      {may("approve") && (
        <div class="row">
          <button type="button" class="button primary" onClick={() => onDecide("approve")}>
            {isEdited ? (
              "Approve with this text"
            ) : (
              <>
                Approve <kbd aria-hidden="true">a</kbd>
              </>
            )}
          </button>
          {behind > 0 && !isEdited && (
            <button type="button" class="button" onClick={() => onDecide("approve", true)}>
              Approve the whole thread <kbd aria-hidden="true">t</kbd>
            </button>
          )}
          {action.text !== null && !isEdited && (
            <button type="button" class="button" onClick={() => onEdit(action.text ?? "")}>
              Edit <kbd aria-hidden="true">e</kbd>
            </button>
          )}
          {isEdited && (
            <button type="button" class="button" onClick={() => onEdit(undefined)}>
              Leave the text as it was
            </button>
          )}
          <button type="button" class="button" onClick={() => onDecide("reject")}>
            Reject {!isEdited && <kbd aria-hidden="true">r</kbd>}
          </button>
        </div>
      )}
      {refusal && <Failure error={refusal} />}
    </article>
  );
}

const SecondsLeft = ({ until }: { until: number }) => <span aria-hidden="true">{useSecondsUntil(until)} s</span>;

// What it was said to: for some seconds it can be taken back.
export function Decided({
  approval,
  decision,
  current,
  onUndo,
}: {
  approval: Approval;
  decision: Decision;
  current: boolean;
  onUndo: () => void;
}) {
  const line = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (current) line.current?.focus();
  }, [current]);
  return (
    <article
      ref={line}
      class="panel request decided"
      tabIndex={-1}
      aria-label={`${kSaid[decision.word]}: ${nameOf(approval)}`}
      data-decided={approval.id}
    >
      <b>{kSaid[decision.word]}</b>
      <span class="clip">
        {[nameOf(approval), decision.text ?? approval.action.text].filter(Boolean).join(": ")}
        {decision.behind.length > 0 && ` (and ${decision.behind.length} more)`}
      </span>
      {decision.state === "waiting" && (
        <button type="button" class="button small" onClick={() => undo(decision.id) && onUndo()}>
          Undo <kbd aria-hidden="true">u</kbd> <SecondsLeft until={decision.until} />
        </button>
      )}
    </article>
  );
}
