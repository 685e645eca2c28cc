// The frame around the rooms.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../lib/format.ts";
import { focusNextTitle } from "../lib/arrival.ts";
import { paletteOpen } from "../lib/keyboard.ts";
import { lastRate } from "../lib/live.ts";
import { place } from "../lib/router.ts";
import { may } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { Areas } from "./Areas.tsx";
import { Help } from "./Help.tsx";
import { BirdIcon, SearchIcon, WriteIcon } from "./icons.tsx";
import { StoppedNote } from "./Notices.tsx";
import { OfflineNote } from "./OfflineNote.tsx";
import { PaletteDoor } from "./PaletteDoor.tsx";
import { loadAhead } from "./RoomView.tsx";
import { Connection, Person, Settings } from "./Settings.tsx";
import { Tabs } from "./Tabs.tsx";
import { UndoBar } from "./UndoBar.tsx";

function LagNote() {
  const rate = useStore(lastRate);
  if (!rate || rate.lag < 5000) return null;
  return <p class="lag-note">{counted(rate.lag, "event")} still to be applied: figures trail behind.</p>;
}

const kWriting = "/publish/studio";

function NewPost() {
  if (!may("act")) return null;
  return (
    <a class="button primary new-post" href={kWriting} onPointerEnter={() => loadAhead(kWriting)} data-new-post>
      <WriteIcon />
      <span>New post</span>
    </a>
  );
}

function FindButton() {
  return (
    <button type="button" class="button find" onClick={() => paletteOpen.set(true)} data-palette>
      <SearchIcon />
      <span class="name">Find or do</span>
      <kbd aria-hidden="true">Ctrl K</kbd>
    </button>
  );
}

export function Layout({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const { path } = useStore(place);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) focusNextTitle(main.current);
    first.current = false;
  }, [path]);
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
          <div class="rail-tools">
            <NewPost />
            <FindButton />
          </div>
          <Areas />
          <div class="rail-foot">
            <Person />
            <Connection />
            <Settings />
          </div>
        </header>
        <main ref={main} class="room">
          <Tabs />
          <OfflineNote />
          <LagNote />
          <StoppedNote />
          {children}
        </main>
      </div>
      <UndoBar />
      <Help />
      <PaletteDoor />
    </>
  );
}
