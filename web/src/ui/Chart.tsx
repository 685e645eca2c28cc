// A chart over time: drawn by uPlot, told in words, and given as a table to whoever would rather have that.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { absoluteTime, axisTime, moment, shortNumber } from "../lib/format.ts";
import { paletteVersion } from "../lib/prefs.ts";
import { useStore } from "../lib/store.ts";

export interface Line {
  label: string;
  values: (number | null)[];
  colour: string; // a custom property: "--chart-1"
  shape: "area" | "steps" | "bars";
}

interface ChartProps {
  label: string; // what it shows, in a few words
  summary: string; // what it says, in a sentence
  times: number[]; // seconds, ascending
  lines: Line[];
  height?: number;
  window?: number; // show exactly the last so many seconds
  format?: (value: number) => string;
  table?: boolean;
}

function colourOf(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || "#888";
}

function pathsOf(shape: Line["shape"]): uPlot.Series.PathBuilder | undefined {
  if (shape === "steps") return uPlot.paths.stepped!({ align: 1 });
  if (shape === "bars") return uPlot.paths.bars!({ size: [0.8, 28], radius: 0.15 });
  return uPlot.paths.linear!();
}

function seriesOf(line: Line, box: HTMLElement, points: number): uPlot.Series {
  const colour = colourOf(box, line.colour);
  return {
    label: line.label,
    stroke: colour,
    width: line.shape === "bars" ? 0 : 2,
    fill: line.shape === "steps" ? undefined : `${colour}${line.shape === "bars" ? "cc" : "26"}`,
    paths: pathsOf(line.shape),
    points: { show: line.shape === "steps" && points < 40, size: 5, fill: colour },
  };
}

function optionsOf(props: ChartProps, box: HTMLElement, onCursor: (index: number | null) => void): uPlot.Options {
  const ink = colourOf(box, "--ink-3");
  const grid = { stroke: colourOf(box, "--line"), width: 1 };
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  const format = props.format ?? shortNumber;
  return {
    width: Math.max(160, box.clientWidth),
    height: props.height ?? 180,
    padding: [8, 18, 0, 0], // half of a time stands beyond the last tick
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: true, range: (_, from, to) => rangeOf(props, from, to) },
      y: { range: (_, __, most) => [0, Math.max(1, most ?? 1) * 1.15] },
    },
    axes: [
      {
        stroke: ink,
        font,
        grid: { show: false },
        ticks: { show: false },
        space: 64,
        size: 22,
        values: (_, splits, __, ___, step) => splits.map((at) => axisTime(at, step)),
      },
      {
        stroke: ink,
        font,
        grid,
        ticks: { show: false },
        space: 34,
        size: 44,
        gap: 6,
        values: (_, splits) => splits.map((value) => (Number.isInteger(value) || props.format ? format(value) : "")),
      },
    ],
    series: [{}, ...props.lines.map((line) => seriesOf(line, box, props.times.length))],
    hooks: { setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)] },
  };
}

function rangeOf(props: ChartProps, from: number, to: number): [number, number] {
  if (props.window) {
    const now = Date.now() / 1000;
    return [now - props.window, now];
  }
  if (from === to) return [from - 1800, to + 1800];
  // Bars stand around their moment, so the outer ones need room.
  const half = props.lines.some((line) => line.shape === "bars") ? (to - from) / Math.max(2, props.times.length * 2) : 0;
  return [from - half, to + half];
}

function useDrawing(props: ChartProps, onCursor: (index: number | null) => void) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const palette = useStore(paletteVersion);
  const shape = JSON.stringify(props.lines.map((line) => [line.label, line.colour, line.shape])) + Boolean(props.window);

  useEffect(() => {
    const element = box.current!;
    // The options read the current properties at each drawing, so that a new window or format needs no new chart.
    const options = optionsOf(latest.current, element, onCursor);
    options.scales!.x!.range = (_, from, to) => rangeOf(latest.current, from, to);
    const drawn = new uPlot(options, dataOf(latest.current), element);
    chart.current = drawn;
    const watcher = new ResizeObserver(() => {
      if (element.clientWidth > 0) drawn.setSize({ width: element.clientWidth, height: options.height });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      drawn.destroy();
    };
  }, [shape, palette, props.height]);

  useEffect(() => chart.current?.setData(dataOf(props)), [props.times, props.lines]);
  return box;
}

function dataOf(props: ChartProps): uPlot.AlignedData {
  return [props.times, ...props.lines.map((line) => line.values)] as uPlot.AlignedData;
}

export function Chart(props: ChartProps) {
  const [index, setIndex] = useState<number | null>(null);
  const box = useDrawing(props, setIndex);
  return (
    <figure class="chart" aria-label={props.label}>
      <div class="chart-legend" aria-hidden="true">
        {props.lines.map((line) => (
          <span key={line.label} class={`key ${line.colour.slice(2)}`}>
            {line.label}
            <b>{index !== null && line.values[index] != null ? (props.format ?? shortNumber)(line.values[index]!) : ""}</b>
          </span>
        ))}
        <span class="chart-at">{index !== null && props.times[index] ? chartMoment(props, index) : ""}</span>
      </div>
      <div class="chart-box" ref={box} aria-hidden="true" />
      <figcaption class="hidden-text">{props.summary}</figcaption>
      {props.table !== false && <ChartTable {...props} />}
    </figure>
  );
}

function chartMoment(props: ChartProps, index: number): string {
  const at = props.times[index]!;
  return props.window && props.window < 3600 ? axisTime(at, 1) : moment(new Date(at * 1000).toISOString());
}

const kMostRows = 200;

function ChartTable(props: ChartProps) {
  const [open, setOpen] = useState(false);
  const from = Math.max(0, props.times.length - kMostRows);
  return (
    <details class="chart-table" onToggle={(event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary>As a table</summary>
      {open && (
        <div class="scroller" tabIndex={0} role="region" aria-label={`${props.label}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {props.lines.map((line) => (
                  <th scope="col" class="number" key={line.label}>
                    {line.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {props.times.slice(from).map((at, i) => {
                const iso = new Date(at * 1000).toISOString();
                return (
                  <tr key={at}>
                    <th scope="row">
                      <time dateTime={iso} title={absoluteTime(iso)}>
                        {moment(iso)}
                      </time>
                    </th>
                    {props.lines.map((line) => (
                      <td class="number" key={line.label}>
                        {line.values[from + i] ?? "–"}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
