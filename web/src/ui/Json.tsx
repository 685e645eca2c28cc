// JSON with its kinds of values told apart. Huge payloads are cut: a browser should not choke on a 40 MB line.
const kMostShown = 200_000;
const kToken = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function Json({ value }: { value: unknown }) {
  const whole = JSON.stringify(value, null, 2) ?? "";
  const text = whole.slice(0, kMostShown);
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(kToken)) {
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push(<span class={kindOf(match)}>{match[1] ?? match[0]}</span>);
    if (match[2]) parts.push(match[2]);
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  if (whole.length > kMostShown) parts.push(`\n… ${whole.length - kMostShown} more characters; “Copy” gives all of it`);
  return <code>{parts}</code>;
}

function kindOf(match: RegExpMatchArray): string {
  if (match[2]) return "json-key";
  if (match[1]) return "json-text";
  return match[3] ? "json-word" : "json-number";
}
