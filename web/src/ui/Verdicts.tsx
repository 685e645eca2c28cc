// What the rules say of an action.
import type { Verdict } from "../lib/api_types.ts";
import { decisionOf, plainly, ruleWord } from "../lib/words.ts";
import { Badge } from "./basics.tsx";

export function VerdictList({ verdicts }: { verdicts: Verdict[] }) {
  return (
    <ul class="verdicts">
      {verdicts.map((verdict) => (
        <li key={verdict.rule}>
          <Badge kind={decisionOf(verdict).kind}>{decisionOf(verdict).word}</Badge> <b>{ruleWord(verdict.rule)}</b>:{" "}
          {plainly(verdict.reason)}
        </li>
      ))}
    </ul>
  );
}

// Read aloud when it comes.
export function Verdicts({ verdicts }: { verdicts: Verdict[] }) {
  return <div role="status">{verdicts.length === 0 ? <p>No rule stands in the way.</p> : <VerdictList verdicts={verdicts} />}</div>;
}
