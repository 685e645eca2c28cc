// Times, figures and names as people read them, in the reader's own locale and time zone.
import { Store } from "./store.ts";

// The moment by which relative times are told; moves every ten seconds.
export const clock = new Store(Date.now());
setInterval(() => document.hidden || clock.set(Date.now()), 10_000);
document.addEventListener("visibilitychange", () => document.hidden || clock.set(Date.now()));

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const shortMoment = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const hourAndMinute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockSeconds = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const precise = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const whole = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const twoDecimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

const isTime = (date: Date) => !Number.isNaN(date.getTime());

// Years far from ours are told with the year alone: strangers' clocks say anything.
export function absoluteTime(iso: string): string {
  const date = new Date(iso);
  return isTime(date) ? absolute.format(date) : iso;
}

export function relativeTime(iso: string, now: number): string {
  const date = new Date(iso);
  if (!isTime(date)) return iso;
  const age = now - date.getTime();
  if (age < -kMinute) return age > -kDay ? `in ${span(-age)}` : dayAndYear.format(date);
  if (age < 10_000) return "now";
  if (age < 7 * kDay) return `${span(age)} ago`;
  return age < 300 * kDay ? dayOfYear.format(date) : dayAndYear.format(date);
}

// A length of time in one unit.
export function span(ms: number): string {
  if (ms < kMinute) return `${Math.max(1, Math.floor(ms / 1000))} s`;
  if (ms < kHour) return `${Math.floor(ms / kMinute)} min`;
  if (ms < 2 * kDay) return `${Math.floor(ms / kHour)} h`;
  return `${Math.floor(ms / kDay)} d`;
}

export function moment(iso: string): string {
  const date = new Date(iso);
  return isTime(date) ? shortMoment.format(date) : iso;
}

// With its zone: for what somebody may have to answer for.
export function preciseTime(iso: string): string {
  const date = new Date(iso);
  return isTime(date) ? precise.format(date) : iso;
}

// For a chart's axis: what changes from one mark to the next, `step` seconds further.
export function axisTime(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  if (step < 60) return clockSeconds.format(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return step >= 86_400 || isMidnight ? dayOfYear.format(date) : hourAndMinute.format(date);
}

export const fullNumber = (value: number) => whole.format(value);
export const shortNumber = (value: number) => (Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value));
export const decimal = (value: number) => (Math.abs(value) >= 100 ? whole.format(Math.round(value)) : oneDecimal.format(value));
export const fineDecimal = (value: number) => twoDecimals.format(value);

// Of a file.
export function fileSize(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${decimal(bytes / 1e6)} MB`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole.format(count)} ${count === 1 ? one : many}`;
}

export function hostOf(url: string | null | undefined): string {
  if (!url) return "";
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

const languages = new Intl.DisplayNames(undefined, { type: "language" });

export function languageName(code: string): string {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

// For the `lang` of what strangers wrote, who say anything of its language: undefined where there is no such one.
export function knownLanguage(code: string | null | undefined): string | undefined {
  return code && languageName(code).toLowerCase() !== code.toLowerCase() ? code : undefined;
}

// «11:24», of a moment today.
export const clockTime = (ms: number) => hourAndMinute.format(new Date(ms));
