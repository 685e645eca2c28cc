import { useEffect, useRef, useState } from "preact/hooks";

// The text of an input that acts once its typist pauses: its text now, and what to do on input.
export function useTyping(value: string, pauseMs: number, settle: (text: string) => void) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onInput = (event: Event) => {
    const raw = (event.target as HTMLInputElement).value;
    setText(raw);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => settle(raw), pauseMs);
  };
  return { text, onInput };
}
