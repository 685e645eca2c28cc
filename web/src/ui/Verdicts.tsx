// What the rules say of an action.
import type { Verdict } from "../lib/acting.ts";
import { Badge } from "./basics.tsx";

const kDecisions: Record<Verdict["decision"], { word: string; kind: string }> = {
  allow: { word: "fine", kind: "" },
  hold: { word: "asks a person", kind: "warn" },
  defer: { word: "later", kind: "warn" },
  deny: { word: "no", kind: "bad" },
};

export function VerdictList({ verdicts }: { verdicts: Verdict[] }) {
  return (
    <ul class="verdicts">
      {verdicts.map((verdict) => (
        <li key={verdict.rule}>
          <Badge kind={kDecisions[verdict.decision].kind}>{kDecisions[verdict.decision].word}</Badge> <b>{verdict.rule.replaceAll("_", " ")}</b>: {verdict.reason}
        </li>
      ))}
    </ul>
  );
}

// Read aloud when it comes.
export function Verdicts({ verdicts }: { verdicts: Verdict[] }) {
  return <div role="status">{verdicts.length === 0 ? <p>No rule stands in the way.</p> : <VerdictList verdicts={verdicts} />}</div>;
}
