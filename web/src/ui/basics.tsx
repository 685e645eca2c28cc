// Small things that every room uses.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { titleCame } from "../lib/arrival.ts";
import { absoluteTime, clock, relativeTime, shortNumber, fullNumber } from "../lib/format.ts";
import { useStore } from "../lib/store.ts";

export function Time({ at }: { at: string }) {
  const now = useStore(clock);
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}

const secondsUntil = (moment: number) => Math.max(0, Math.ceil((moment - Date.now()) / 1000));

export function useSecondsUntil(moment: number): number {
  const [left, setLeft] = useState(secondsUntil(moment));
  useEffect(() => {
    setLeft(secondsUntil(moment));
    const timer = setInterval(() => setLeft(secondsUntil(moment)), 500);
    return () => clearInterval(timer);
  }, [moment]);
  return left;
}

export function Figure({ value }: { value: number }) {
  return <span title={fullNumber(value)}>{shortNumber(value)}</span>;
}

// The room's name: the page's title too, and where a screen reader starts after a change of room.
export function Title({ children, name }: { children?: ComponentChildren; name: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} · Linnet`;
  }, [name]);
  useEffect(() => titleCame(heading.current!), []);
  return (
    <h1 ref={heading} tabIndex={-1} id="room-title">
      {children ?? name}
    </h1>
  );
}

export function Panel(props: { title: string; id: string; class?: string; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={props.id}>
      <header class="panel-head">
        <h2 id={props.id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
}

// One of a few, as buttons side by side; radio buttons to the keyboard and the screen reader.
export function Segmented<T extends string>(props: {
  label: string;
  name: string;
  choices: Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset class="segmented">
      <legend class="hidden-text">{props.label}</legend>
      {props.choices.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={props.name}
            value={choice.value}
            checked={choice.value === props.value}
            onChange={() => props.onChange(choice.value)}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Badge({ kind, children, title }: { kind?: string; children: ComponentChildren; title?: string }) {
  return (
    <span class={`badge ${kind ?? ""}`} title={title}>
      {children}
    </span>
  );
}

export function MoreButton({ list }: { list: { next: string | null; loadingMore: boolean; loadMore: () => void } }) {
  if (!list.next) return null;
  return (
    <button class="more" type="button" data-load-more onClick={list.loadMore} aria-disabled={list.loadingMore}>
      {list.loadingMore ? "Loading…" : "Show more"}
    </button>
  );
}
