import { useMemo } from "preact/hooks";
import { decimal, fullNumber } from "../lib/format.ts";
import { rateRange } from "../lib/prefs.ts";
import { kRateSeconds, rateHistory, type RatePoint } from "../lib/rate.ts";
import { useStore } from "../lib/store.ts";
import type { Status } from "../lib/api_types.ts";
import { Panel, Segmented } from "../ui/basics.tsx";
import { Chart, type Line } from "../ui/Chart.tsx";

function lineOf(values: number[], label: string): Line[] {
  return [{ label, values, colour: "--chart-1", shape: "area" }];
}

function describeMinutes(points: RatePoint[]): string {
  if (points.length === 0) return "No figures yet; they come every second.";
  const values = points.map((point) => point.value);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `In the last ${values.length} seconds ${decimal(mean)} events a second on average, at most ${decimal(Math.max(...values))}.`;
}

const kShortestSeconds = 20;

// Grows with what is known, so that the chart is not mostly empty in the first minutes.
function windowOf(points: RatePoint[]): number {
  const known = points[0] ? Date.now() / 1000 - points[0].at : 0;
  return Math.min(kRateSeconds, Math.max(kShortestSeconds, known));
}

function LastMinutes() {
  const points = useStore(rateHistory);
  const times = useMemo(() => points.map((point) => point.at), [points]);
  const lines = useMemo(
    () =>
      lineOf(
        points.map((point) => point.value),
        "Events a second",
      ),
    [points],
  );
  return (
    <Chart
      label="Events a second in the last two minutes"
      summary={describeMinutes(points)}
      times={times}
      lines={lines}
      height={132}
      window={windowOf(points)}
      format={decimal}
      table={false}
    />
  );
}

function LastHour({ rate }: { rate: Status["rate"] }) {
  const times = useMemo(() => rate.map((one) => Date.parse(one.minute) / 1000), [rate]);
  const lines = useMemo<Line[]>(
    () => [{ label: "Events a minute", values: rate.map((one) => one.events), colour: "--chart-1", shape: "bars" }],
    [rate],
  );
  const total = rate.reduce((sum, one) => sum + one.events, 0);
  const most = Math.max(0, ...rate.map((one) => one.events));
  return (
    <Chart
      label="Events a minute in the last hour"
      summary={`${fullNumber(total)} events in the last hour, at most ${fullNumber(most)} in a minute.`}
      times={times}
      lines={lines}
      height={132}
    />
  );
}

export function RateChart({ status }: { status: Status | undefined }) {
  const range = useStore(rateRange);
  const choose = (
    <Segmented
      label="Time shown"
      name="rate-range"
      value={range}
      onChange={(value) => rateRange.set(value)}
      choices={[
        { value: "minutes", label: "2 min" },
        { value: "hour", label: "1 h" },
      ]}
    />
  );
  return (
    <Panel title="Event rate" id="rate-title" class="rate" aside={choose}>
      {range === "minutes" ? <LastMinutes /> : <LastHour rate={status?.rate ?? []} />}
    </Panel>
  );
}
