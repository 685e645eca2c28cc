// A room, loaded when it is entered. Who points at a link to it has it loaded ahead.
import { useEffect, useState } from "preact/hooks";
import { roomAt, type Room } from "../rooms.ts";
import { Page } from "./Page.tsx";
import { Empty, Loading } from "./states.tsx";

type Part = Awaited<ReturnType<Room["load"]>>;

const loaded = new Map<Room, Part>();

async function load(room: Room): Promise<Part> {
  const part = await room.load();
  loaded.set(room, part);
  return part;
}

export function loadAhead(href: string): void {
  const found = roomAt(href);
  if (found && !loaded.has(found.room)) void load(found.room).catch(() => {}); // entering it tells
}

// The files are of another version since Linnet was updated, or it does not answer.
function NotLoaded() {
  return (
    <Page name="Not loaded">
      <Empty title="This page could not be loaded">
        <p>Linnet may have been updated since this tab was opened, or does not answer just now.</p>
        <button type="button" class="button" onClick={() => location.reload()}>
          Load Linnet again
        </button>
      </Empty>
    </Page>
  );
}

export function RoomView({ room, parameters }: { room: Room; parameters: Record<string, string> }) {
  const [part, setPart] = useState<{ of: Room; is: Part | null }>({ of: room, is: loaded.get(room) ?? null });
  const [failed, setFailed] = useState<Room | null>(null);
  useEffect(() => {
    let isWanted = true;
    load(room).then(
      (is) => isWanted && setPart({ of: room, is }),
      () => isWanted && setFailed(room),
    );
    return () => {
      isWanted = false;
    };
  }, [room]);
  const Found = loaded.get(room) ?? (part.of === room ? part.is : null);
  if (Found) return <Found {...parameters} />;
  return failed === room ? <NotLoaded /> : <Loading what={room.name} rows={4} />;
}
