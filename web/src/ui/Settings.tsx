// Who is here, whether Linnet is, and how it looks.
import type { ComponentChildren } from "preact";
import { decimal } from "../lib/format.ts";
import { helpOpen } from "../lib/keyboard.ts";
import { lastRate, liveState, reconnectNow } from "../lib/live.ts";
import { pictures, theme, type Theme } from "../lib/prefs.ts";
import { session, signOut } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { useSecondsUntil } from "./basics.tsx";
import { AutoIcon, KeysIcon, MoonIcon, PictureIcon, SunIcon } from "./icons.tsx";

function Countdown({ until }: { until: number }) {
  const left = useSecondsUntil(until);
  return <span aria-hidden="true">{left > 0 ? `again in ${left} s` : "trying"}</span>;
}

export function Connection() {
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

export const kThemes: Record<Theme, { next: Theme; icon: ComponentChildren; name: string }> = {
  auto: { next: "light", icon: <AutoIcon />, name: "as the system" },
  light: { next: "dark", icon: <SunIcon />, name: "light" },
  dark: { next: "auto", icon: <MoonIcon />, name: "dark" },
};

export function Settings() {
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

export function Person() {
  const who = useStore(session);
  if (!who?.signed_in || !who.needs_password) return null;
  return (
    <p class="person">
      <span>{who.name}</span>{" "}
      <button type="button" class="link" onClick={() => void signOut()}>
        Sign out
      </button>
    </p>
  );
}
