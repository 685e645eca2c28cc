// The rooms of the area one is in.
import { useEffect, useRef } from "preact/hooks";
import { place } from "../lib/router.ts";
import { notices } from "../lib/session.ts";
import { useStore } from "../lib/store.ts";
import { areaAt, isTabOf, kAreas, tabsOf } from "../rooms.ts";
import { StopPublishing } from "./Notices.tsx";
import { loadAhead } from "./RoomView.tsx";

export function Tabs() {
  const { path } = useStore(place);
  const { open_approvals: waiting } = useStore(notices);
  const list = useRef<HTMLUListElement>(null);
  const area = kAreas.find((one) => one.area === areaAt(path));
  const tabs = area ? tabsOf(area.area) : [];
  // On a phone the tabs scroll sideways: the one that is open is never out of sight.
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (list.current && open) list.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - list.current.clientWidth / 2;
  }, [path, tabs.length]);
  if (!area || tabs.length < 2) return null;
  return (
    <div class="tabs-row">
      <nav class="tabs" aria-label={area.name}>
        <ul ref={list}>
          {tabs.map((room) => (
            <li key={room.path}>
              <a href={room.path} aria-current={isTabOf(room, path) ? "page" : undefined} onPointerEnter={() => loadAhead(room.path)}>
                {room.name}
                {room.path === "/publish/approvals" && waiting > 0 && <span class="badge notable">{waiting}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {area.area === "publish" && <StopPublishing />}
    </div>
  );
}
