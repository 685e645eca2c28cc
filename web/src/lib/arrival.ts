// After a change of room, what is read next is the new room's title, whenever the room has come.
let awaited: HTMLElement | null = null;

const isTypingIn = (main: HTMLElement) => main.contains(document.activeElement) && !!document.activeElement?.matches("input, textarea"); // after «/»

function take(title: HTMLElement): void {
  const main = awaited;
  awaited = null;
  if (main && !isTypingIn(main)) title.focus({ preventScroll: true });
}

// `main` holds the title of the room that is coming, or will.
export function focusNextTitle(main: HTMLElement | null): void {
  awaited = main;
  const title = main?.querySelector<HTMLElement>("h1");
  if (title) take(title);
}

export function titleCame(title: HTMLElement): void {
  if (awaited?.contains(title)) take(title);
}
