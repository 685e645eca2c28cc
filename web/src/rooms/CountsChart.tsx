import { useMemo, useState } from "preact/hooks";
import { counted, fullNumber, span } from "../lib/format.ts";
import type { Snapshot } from "../lib/api_types.ts";
import { Segmented, Time } from "../ui/basics.tsx";
import { Chart, type Line } from "../ui/Chart.tsx";
import { Empty } from "../ui/states.tsx";

type Shown = "counts" | "score";

function linesOf(snapshots: Snapshot[], shown: Shown): Line[] {
  const line = (label: string, colour: string, pick: (one: Snapshot) => number): Line => ({
    label,
    colour,
    shape: "steps",
    values: snapshots.map(pick),
  });
  if (shown === "score") return [line("Engagement", "--chart-4", (one) => one.engagement_score)];
  return [
    line("Favourites", "--chart-1", (one) => one.favourites_count),
    line("Boosts", "--chart-2", (one) => one.reblogs_count),
    line("Replies", "--chart-3", (one) => one.replies_count),
  ];
}

function describe(first: Snapshot, last: Snapshot, count: number): string {
  const time = span(Date.parse(last.captured_at) - Date.parse(first.captured_at));
  return (
    `${count} readings over ${time}: favourites from ${fullNumber(first.favourites_count)} to ${fullNumber(last.favourites_count)}, ` +
    `boosts from ${fullNumber(first.reblogs_count)} to ${fullNumber(last.reblogs_count)}, ` +
    `replies from ${fullNumber(first.replies_count)} to ${fullNumber(last.replies_count)}.`
  );
}

export function CountsChart({ snapshots }: { snapshots: Snapshot[] }) {
  const [shown, setShown] = useState<Shown>("counts");
  const ordered = useMemo(() => [...snapshots].sort((a, b) => Date.parse(a.captured_at) - Date.parse(b.captured_at)), [snapshots]);
  const times = useMemo(() => ordered.map((one) => Date.parse(one.captured_at) / 1000), [ordered]);
  const lines = useMemo(() => linesOf(ordered, shown), [ordered, shown]);
  const [first, last] = [ordered[0], ordered[ordered.length - 1]];
  if (!first || !last) {
    return (
      <Empty title="No counts known">
        <p>They come with the next time that this post is seen.</p>
      </Empty>
    );
  }
  if (ordered.length === 1) {
    return (
      <Empty title="One reading so far">
        <p>
          {counted(first.favourites_count, "favourite")}, {counted(first.reblogs_count, "boost")},{" "}
          {counted(first.replies_count, "reply", "replies")} <Time at={first.captured_at} />. A line appears with the first change.
        </p>
      </Empty>
    );
  }
  return (
    <>
      <Segmented
        label="What is drawn"
        name="counts"
        value={shown}
        onChange={setShown}
        choices={[
          { value: "counts", label: "Counts" },
          { value: "score", label: "Engagement" },
        ]}
      />
      <Chart label="Counts over time" summary={describe(first, last, ordered.length)} times={times} lines={lines} height={210} />
      <p class="faint">{describe(first, last, ordered.length)}</p>
    </>
  );
}
