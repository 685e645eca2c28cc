import type { Sentiment } from "../lib/api_types.ts";
import { moodWord } from "../lib/words.ts";
import { Badge } from "./basics.tsx";

const kHow = "Judged from the words alone, between −1 and +1";

type Scored = Sentiment & { label: Exclude<Sentiment["label"], "not_scored"> };

export const isScored = (sentiment: Sentiment | null | undefined): sentiment is Scored => !!sentiment && sentiment.label !== "not_scored";

export function Mood({ sentiment }: { sentiment: Sentiment }) {
  if (!isScored(sentiment)) return <Badge title="The built-in analysis reads English alone">mood not scored</Badge>;
  return (
    <Badge kind={sentiment.label} title={kHow}>
      {moodWord(sentiment.label)} {sentiment.score.toFixed(2)}
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
