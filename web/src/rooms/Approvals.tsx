// What waits for a person's word. Keys: j and k move, a approves, t a whole thread, e edits, r rejects, u takes a word back.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Approval } from "../lib/api_types.ts";
import { useFollowing, useList } from "../lib/list.ts";
import { answered, decide, decisions, refusals, undo, type Decision } from "../lib/decisions.ts";
import { onDecidingKey, onKey } from "../lib/keyboard.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Page } from "../ui/Page.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { Decided, nameOf, Request } from "./ApprovalRequest.tsx";

// The posts behind this one in its thread that wait as well.
function postsBehind(approval: Approval, all: Approval[]): Approval[] {
  const next = all.find((other) => other.action.depends_on === approval.action.id);
  return next ? [next, ...postsBehind(next, all)] : [];
}

const cardOf = (id: string) => document.querySelector<HTMLElement>(`[data-approval="${CSS.escape(id)}"]`);

export function Approvals() {
  const list = useList<Approval>("/approvals");
  const given = useStore(decisions);
  const refused = useStore(refusals);
  const answers = useStore(answered);
  const seenAnswers = useRef(answers);
  const [at, setAt] = useState("");
  const [texts, setTexts] = useState<Record<string, string | undefined>>({});
  const [said, setSaid] = useState("");

  const all = list.value ?? [];
  const decisionOn = (id: string) => given.find((one) => one.id === id);
  const open = all.filter(({ id }) => !given.some((one) => one.id === id || one.behind.includes(id)));
  const current = open.find(({ id }) => id === at) ?? open[0];
  const isEditing = open.some(({ id }) => texts[id] !== undefined);

  useEffect(() => {
    if (answers === seenAnswers.current) return;
    seenAnswers.current = answers;
    setSaid(Object.keys(refused).length > 0 ? "" : "Done. It is under Activity.");
    list.refresh();
  }, [answers]);
  useFollowing(list.refresh);

  const edit = (id: string, text: string | undefined) => setTexts((before) => ({ ...before, [id]: text }));
  const say = (approval: Approval, word: Decision["word"], thread = false) => {
    const place = open.indexOf(approval);
    const behind = thread ? postsBehind(approval, open).map(({ id }) => id) : [];
    const rest = open.filter((other) => other !== approval && !behind.includes(other.id));
    decide(approval.id, nameOf(approval), word, behind, texts[approval.id]);
    edit(approval.id, undefined);
    setAt((rest[Math.min(place, rest.length - 1)] ?? approval).id);
    setSaid("");
  };
  const takeBack = (id?: string) => {
    const back = undo(id);
    if (back) setAt(back);
  };
  const move = (step: number) => {
    const next = open[Math.max(0, Math.min(open.length - 1, (current ? open.indexOf(current) : 0) + step))];
    if (!next) return;
    setAt(next.id);
    cardOf(next.id)?.focus();
  };

  useLayoutEffect(() => {
    if (isEditing) return; // no key decides while somebody writes
    // A key is said to what has the focus, and to nothing that is merely near it.
    const onCurrent = (act: (approval: Approval) => void) => () => {
      if (current && cardOf(current.id)?.contains(document.activeElement)) act(current);
    };
    const keys = [onKey("j", () => move(1)), onKey("k", () => move(-1))];
    if (may("approve")) {
      keys.push(
        onDecidingKey(
          "a",
          onCurrent((approval) => say(approval, "approve")),
        ),
        onDecidingKey(
          "r",
          onCurrent((approval) => say(approval, "reject")),
        ),
        onDecidingKey(
          "t",
          onCurrent((approval) => postsBehind(approval, open).length > 0 && say(approval, "approve", true)),
        ),
        onKey(
          "e",
          onCurrent((approval) => approval.action.text !== null && edit(approval.id, approval.action.text)),
        ),
        onDecidingKey("u", () => takeBack()),
      );
    }
    return () => keys.forEach((off) => off());
  });

  const waiting = given.find((one) => one.state === "waiting");
  return (
    <Page name="Approvals">
      <p role="status">
        {waiting
          ? `${waiting.word === "approve" ? "Approved" : "Rejected"}. Undo within five seconds with the key u.`
          : said && <a href="/publish/activity">{said}</a>}
      </p>
      {list.loading && <Loading what="requests" />}
      {list.error && <Failure error={list.error} onRetry={list.reload} />}
      {list.value?.length === 0 && <Empty title="Nothing to approve" />}
      {all.map((approval) => {
        const { id } = approval;
        const decision = decisionOn(id);
        if (decision) {
          return (
            <Decided
              key={`${id} decided`}
              approval={approval}
              decision={decision}
              current={open.length === 0 && id === at}
              onUndo={() => setAt(id)}
            />
          );
        }
        if (!open.includes(approval)) return null;
        return (
          <Request
            key={id}
            approval={approval}
            behind={postsBehind(approval, open).length}
            current={approval === current}
            edited={texts[id]}
            refusal={refused[id]}
            onFocus={() => setAt(id)}
            onEdit={(text) => edit(id, text)}
            onDecide={(word, thread) => say(approval, word, thread)}
          />
        );
      })}
    </Page>
  );
}
