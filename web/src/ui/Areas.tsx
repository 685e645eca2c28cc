// The six areas: beside the rooms on a desk, as a bar beneath them on a phone, where «More» holds the far ones.
import { useEffect, useRef, useState } from "preact/hooks";
import { place } from "../lib/router.ts";
import { notices } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { areaAt, isTabOf, kAreas, startOf, tabsOf, type Area, type AreaName } from "../rooms.ts";
import { HomeIcon, InboxIcon, LearnIcon, ListenIcon, ManageIcon, MoreIcon, PublishIcon } from "./icons.tsx";
import { loadAhead } from "./RoomView.tsx";
import { Connection, Person, Settings } from "./Settings.tsx";

const kIcons = { home: HomeIcon, listen: ListenIcon, inbox: InboxIcon, publish: PublishIcon, learn: LearnIcon, manage: ManageIcon };

// What waits in an area, and for what.
function useWaiting(): Partial<Record<AreaName, { count: number; words: string }>> {
  const { items, open_approvals } = useStore(notices);
  return {
    home: { count: items.length, words: "to look at" },
    publish: { count: open_approvals, words: "to approve" },
  };
}

function AreaLink({ area, href, isHere, badge }: { area: Area; href: string; isHere: boolean; badge?: { count: number; words: string } }) {
  const Icon = kIcons[area.area];
  return (
    <a href={href} aria-current={isHere ? "page" : undefined} onPointerEnter={() => loadAhead(href)} data-area={area.area}>
      <Icon />
      <span class="name">{area.name}</span>
      {!!badge?.count && (
        <span class="badge notable">
          {badge.count}
          <span class="hidden-text"> {badge.words}</span>
        </span>
      )}
      <kbd aria-hidden="true">g {area.key}</kbd>
    </a>
  );
}

// On a phone: the tabs of the far areas, and what stands at the foot of the rail elsewhere.
function More({ path, areas }: { path: string; areas: Area[] }) {
  return (
    <div class="more-sheet" id="more-sheet">
      {areas.map(({ area, name }) => (
        <section key={area} aria-labelledby={`more-${area}`}>
          <h2 id={`more-${area}`}>{name}</h2>
          <ul>
            {tabsOf(area).map((room) => (
              <li key={room.path}>
                <a href={room.path} aria-current={isTabOf(room, path) ? "page" : undefined}>
                  {room.name}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <div class="more-foot">
        <Person />
        <Connection />
        <Settings />
      </div>
    </div>
  );
}

export function Areas() {
  const { path } = useStore(place);
  const waiting = useWaiting();
  const [open, setOpen] = useState(false);
  const nav = useRef<HTMLElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (open) nav.current?.querySelector<HTMLElement>(".more-sheet a")?.focus();
  }, [open]);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    setOpen(false);
    more.current?.focus();
  };
  const here = areaAt(path);
  const shown = kAreas.filter((area) => startOf(area) !== undefined);
  const far = shown.filter((area) => !area.near);
  return (
    <nav ref={nav} class="areas" aria-label="Areas" onKeyDown={close}>
      {open && <More path={path} areas={far} />}
      <ul>
        {shown.map((area) => (
          <li key={area.area} class={area.near ? area.area : "far"}>
            <AreaLink area={area} href={startOf(area)!} isHere={area.area === here} badge={waiting[area.area]} />
          </li>
        ))}
        <li class="more-areas">
          <button
            ref={more}
            type="button"
            class={!open && far.some((area) => area.area === here) ? "here" : ""}
            aria-expanded={open}
            aria-controls="more-sheet"
            onClick={() => setOpen(!open)}
            data-more
          >
            <MoreIcon />
            <span class="name">More</span>
          </button>
        </li>
      </ul>
    </nav>
  );
}
