// The frame around the rooms: navigation, the state of the live connection, and the reader's settings.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { decimal, counted } from "../lib/format.ts";
import { helpOpen } from "../lib/keyboard.ts";
import { lastRate, liveState, reconnectNow } from "../lib/live.ts";
import { pictures, theme, type Theme } from "../lib/prefs.ts";
import { place } from "../lib/router.ts";
import { notices, session, signOut } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { AutoIcon, BackIcon, BirdIcon, EventsIcon, HashIcon, KeysIcon, MoonIcon, NowIcon, OutIcon, PauseIcon, PictureIcon, PostsIcon, ReplyIcon, StarIcon, SunIcon } from "./icons.tsx";
import { EmergencyStop, Notices } from "./EmergencyStop.tsx";
import { Help } from "./Help.tsx";

const kRooms = [
  { href: "/", name: "Now", icon: <NowIcon />, key: "n" },
  { href: "/posts", name: "Posts", icon: <PostsIcon />, key: "p" },
  { href: "/hashtags", name: "Hashtags", icon: <HashIcon />, key: "h" },
  { href: "/events", name: "Events", icon: <EventsIcon />, key: "e" },
  { href: "/write", name: "Write", icon: <ReplyIcon />, key: "w" },
  { href: "/approvals", name: "Approvals", icon: <StarIcon />, key: "a" },
  { href: "/actions", name: "Actions", icon: <OutIcon />, key: "t" },
  { href: "/inbox", name: "Inbox", icon: <BackIcon />, key: "i" },
  { href: "/accounts", name: "Accounts", icon: <BirdIcon />, key: "c" },
  { href: "/rules", name: "Rules", icon: <PauseIcon />, key: "r" },
  { href: "/audit", name: "Audit", icon: <KeysIcon />, key: "u" },
  { href: "/people", name: "People", icon: <BirdIcon />, key: "o" },
];

function Rooms() {
  const { path } = useStore(place);
  const { open_approvals: waiting } = useStore(notices);
  return (
    <nav class="rooms" aria-label="Rooms">
      <ul>
        {kRooms.map((room) => {
          const here = room.href === "/" ? path === "/" : path === room.href || path.startsWith(`${room.href}/`);
          return (
            <li key={room.href}>
              <a href={room.href} aria-current={here ? "page" : undefined}>
                {room.icon}
                <span>{room.name}</span>
                {room.href === "/approvals" && waiting > 0 && <span class="badge notable">{waiting}</span>}
                <kbd aria-hidden="true">g {room.key}</kbd>
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function secondsUntil(moment: number): number {
  return Math.max(0, Math.ceil((moment - Date.now()) / 1000));
}

function Countdown({ until }: { until: number }) {
  const [left, setLeft] = useState(secondsUntil(until));
  useEffect(() => {
    setLeft(secondsUntil(until));
    const timer = setInterval(() => setLeft(secondsUntil(until)), 500);
    return () => clearInterval(timer);
  }, [until]);
  return <span aria-hidden="true">{left > 0 ? `again in ${left} s` : "trying"}</span>;
}

function Connection() {
  const state = useStore(liveState);
  const rate = useStore(lastRate);
  const open = state.kind === "open";
  return (
    <div class={`connection ${state.kind}`} data-live={state.kind}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{open ? "Live" : state.kind === "connecting" ? "Connecting" : "Not connected"}</span>
      {open && rate && (
        <span class="faint" title="Events applied per second">
          {decimal(rate.events_per_second)}/s
        </span>
      )}
      {state.kind === "waiting" && (
        <button type="button" class="link" onClick={reconnectNow}>
          <span class="hidden-text">Connect now, </span>
          <Countdown until={state.until} />
        </button>
      )}
    </div>
  );
}

const kThemes: Record<Theme, { next: Theme; icon: ComponentChildren; name: string }> = {
  auto: { next: "light", icon: <AutoIcon />, name: "as the system" },
  light: { next: "dark", icon: <SunIcon />, name: "light" },
  dark: { next: "auto", icon: <MoonIcon />, name: "dark" },
};

function Settings() {
  const chosen = useStore(theme);
  const shown = useStore(pictures);
  const { next, icon, name } = kThemes[chosen];
  return (
    <div class="settings">
      <button type="button" onClick={() => theme.set(next)} title={`Colours: ${name}. Change to ${kThemes[next].name}`} data-theme-toggle>
        {icon}
        <span class="hidden-text">Colours: {name}. Change</span>
      </button>
      <button
        type="button"
        aria-pressed={shown === "on"}
        onClick={() => pictures.set(shown === "on" ? "off" : "on")}
        title={`Pictures from other servers: ${shown}. Those servers see your address when pictures are on`}
      >
        <PictureIcon />
        <span class="hidden-text">Pictures from other servers</span>
      </button>
      <button type="button" onClick={() => helpOpen.set(true)} title="Keyboard shortcuts (?)">
        <KeysIcon />
        <span class="hidden-text">Keyboard shortcuts</span>
      </button>
    </div>
  );
}

function Person() {
  const who = useStore(session);
  if (!who?.signed_in || !who.needs_password) return null;
  return (
    <p class="person">
      {who.name}{" "}
      <button type="button" class="link" onClick={() => void signOut()}>
        Sign out
      </button>
    </p>
  );
}

function LagNote() {
  const rate = useStore(lastRate);
  if (!rate || rate.lag < 5000) return null;
  return <p class="lag-note">{counted(rate.lag, "event")} still to be applied: figures trail behind.</p>;
}

// After a change of room, what is read next is the new room's title.
function useFocusOnArrival(main: { current: HTMLElement | null }): void {
  const { path } = useStore(place);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const alreadyThere = main.current?.contains(document.activeElement); // the search, after «/»
    if (!alreadyThere) main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path]);
}

export function Layout({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  useFocusOnArrival(main);
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.querySelector<HTMLElement>("h1")?.focus();
  };
  return (
    <>
      <a class="skip" href="#room-title" onClick={skip}>
        Skip to the content
      </a>
      <div class="frame">
        <header class="rail">
          <a class="brand" href="/">
            <BirdIcon />
            <span>Linnet</span>
          </a>
          <Rooms />
          <div class="rail-foot">
            <Person />
            <EmergencyStop />
            <Connection />
            <Settings />
          </div>
        </header>
        <main ref={main} class="room">
          <LagNote />
          <Notices />
          {children}
        </main>
      </div>
      <Help />
    </>
  );
}
