import type { Sentiment } from "../lib/types.ts";
import { Badge } from "./basics.tsx";

const kHow = "Judged from the words alone, between −1 and +1";

export function Mood({ sentiment }: { sentiment: Sentiment }) {
  return (
    <Badge kind={sentiment.label} title={kHow}>
      {sentiment.label} {sentiment.score.toFixed(2)}
    </Badge>
  );
}

export function MoodChange({ before, after }: { before: Sentiment; after: Sentiment }) {
  return (
    <span class="mood-change">
      <Mood sentiment={before} /> <span aria-hidden="true">→</span>
      <span class="hidden-text"> became </span> <Mood sentiment={after} />
    </span>
  );
}
