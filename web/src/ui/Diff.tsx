import { knownLanguage } from "../lib/format.ts";
import type { WordChange } from "../lib/api_types.ts";

// The text with what an edit took out and put in. <ins> and <del> say so to a screen reader too.
export function Diff({ parts, language }: { parts: WordChange[]; language?: string | null }) {
  return (
    <p class="diff" dir="auto" lang={knownLanguage(language)}>
      {parts.map((part, i) => {
        if (part.op === "add") return <ins key={i}>{part.text}</ins>;
        if (part.op === "remove") return <del key={i}>{part.text}</del>;
        return <span key={i}>{part.text}</span>;
      })}
    </p>
  );
}
