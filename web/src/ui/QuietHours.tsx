// When nothing goes out: the same hours every day, or each day its own.
import { useRef } from "preact/hooks";
import type { AccountSettings, HoursOfWeek, QuietHours as Quiet } from "../lib/api_types.ts";
import { Field } from "./forms.tsx";

const kWeekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const kHours = Array.from({ length: 24 }, (_, hour) => hour);
const kKeys: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

const isBetween = (hour: number, start: number, end: number) =>
  start !== end && (start > end ? hour >= start || hour < end : hour >= start && hour < end);

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
const twoDigits = (hour: number) => String(hour).padStart(2, "0");

// The hours of every day, as the week's own to begin with.
function weekOf(quiet: Quiet): HoursOfWeek {
  const hours = kHours.filter((hour) => isBetween(hour, quiet.startHour, quiet.endHour));
  return Object.fromEntries(kWeekdays.map((day) => [day, [...hours]])) as HoursOfWeek;
}

// The day as a row of hours: quiet ones are pressed. A click moves the nearer end.
function EveryDay({ quiet, onChange }: { quiet: Quiet; onChange: (quiet: Quiet) => void }) {
  const { startHour: start, endHour: end } = quiet;
  const press = (hour: number) => {
    if (!quiet.enabled) return onChange({ ...quiet, enabled: true, startHour: hour, endHour: (hour + 8) % 24 });
    const distance = (from: number) => Math.min((hour - from + 24) % 24, (from - hour + 24) % 24);
    onChange(distance(start) < distance(end) ? { ...quiet, startHour: hour } : { ...quiet, endHour: (hour + 1) % 24 });
  };
  return (
    <div class="hours">
      {kHours.map((hour) => (
        <button
          type="button"
          key={hour}
          aria-pressed={quiet.enabled && isBetween(hour, start, end)}
          onClick={() => press(hour)}
          title={`${hour}:00`}
        >
          {hour}
        </button>
      ))}
    </div>
  );
}

// One stop of the tab key; within it the arrow keys move. Names of days and hours turn all of theirs on or off.
function EachDay({ week, onChange }: { week: HoursOfWeek; onChange: (week: HoursOfWeek) => void }) {
  const table = useRef<HTMLTableElement>(null);
  const at = useRef({ day: 0, hour: 0 });
  const set = (cells: [day: number, hour: number][]) => {
    const isQuiet = cells.some(([day, hour]) => !week[kWeekdays[day]!].includes(hour));
    const next = structuredClone(week);
    for (const [day, hour] of cells) {
      const rest = next[kWeekdays[day]!].filter((h) => h !== hour);
      next[kWeekdays[day]!] = isQuiet ? [...rest, hour].sort((a, b) => a - b) : rest;
    }
    onChange(next);
  };
  const go = (day: number, hour: number) => {
    const cell = table.current?.querySelector<HTMLElement>(`[data-cell="${day}-${hour}"]`);
    if (!cell) return;
    table.current?.querySelector(`[data-cell="${at.current.day}-${at.current.hour}"]`)?.setAttribute("tabindex", "-1");
    at.current = { day, hour };
    cell.setAttribute("tabindex", "0");
    cell.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const cell = (event.target as HTMLElement).dataset.cell;
    if (!cell) return;
    const [day, hour] = cell.split("-").map(Number) as [number, number];
    const step = kKeys[event.key];
    if (step) go((day + step[0] + 7) % 7, (hour + step[1] + 24) % 24);
    else if (event.key === "Home") go(day, 0);
    else if (event.key === "End") go(day, 23);
    else return;
    event.preventDefault();
  };
  return (
    <div class="week-scroll" tabIndex={-1}>
      <table ref={table} class="week" role="grid" aria-label="Quiet hours of the week" aria-multiselectable="true" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <td />
            {kHours.map((hour) => (
              <th scope="col" key={hour}>
                <button type="button" tabIndex={-1} onClick={() => set(kWeekdays.map((_, day) => [day, hour]))}>
                  {hour}
                  <span class="hidden-text">:00 on every day</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kWeekdays.map((name, day) => (
            <tr key={name}>
              <th scope="row">
                <button type="button" onClick={() => set(kHours.map((hour) => [day, hour]))}>
                  {capital(name).slice(0, 3)}
                  <span class="hidden-text"> all day</span>
                </button>
              </th>
              {kHours.map((hour) => {
                const isQuiet = week[name].includes(hour);
                const isStop = at.current.day === day && at.current.hour === hour;
                return (
                  <td
                    key={hour}
                    role="gridcell"
                    data-cell={`${day}-${hour}`}
                    tabIndex={isStop ? 0 : -1}
                    aria-selected={isQuiet}
                    aria-label={`${capital(name)} ${twoDigits(hour)}:00`}
                    onClick={() => {
                      go(day, hour);
                      set([[day, hour]]);
                    }}
                    onKeyDown={(event) => {
                      if (event.key !== " " && event.key !== "Enter") return;
                      event.preventDefault();
                      set([[day, hour]]);
                    }}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function QuietHours({ settings, onChange }: { settings: AccountSettings; onChange: (quiet: Quiet) => void }) {
  const quiet = settings.quietHours ?? {
    enabled: false,
    startHour: 23,
    endHour: 7,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const { week } = quiet;
  return (
    <fieldset class="quiet">
      <legend>Quiet hours</legend>
      <label class="check">
        <input type="checkbox" checked={quiet.enabled} onChange={(e) => onChange({ ...quiet, enabled: e.currentTarget.checked })} />
        Nothing goes out in these hours
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={!!week}
          onChange={(e) => onChange({ ...quiet, week: e.currentTarget.checked ? weekOf(quiet) : null })}
        />
        Each day of the week has its own
      </label>
      {week ? (
        <EachDay week={week} onChange={(changed) => onChange({ ...quiet, enabled: true, week: changed })} />
      ) : (
        <EveryDay quiet={quiet} onChange={onChange} />
      )}
      <Field label="Time zone">
        <input value={quiet.timezone} onChange={(e) => onChange({ ...quiet, timezone: e.currentTarget.value })} />
      </Field>
    </fieldset>
  );
}
