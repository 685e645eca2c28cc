import { useEffect } from "preact/hooks";
import { navigate, place } from "./lib/router.ts";
import { isAsked, session, useSession } from "./lib/session.ts";
import { useStore } from "./lib/store.ts";
import { kAreas, roomAt, startOf } from "./rooms.ts";
import { SignIn } from "./rooms/SignIn.tsx";
import { Layout } from "./ui/Layout.tsx";
import { Page } from "./ui/Page.tsx";
import { RoomView } from "./ui/RoomView.tsx";
import { Empty } from "./ui/states.tsx";

function NotFound() {
  return (
    <Page name="Nothing here">
      <Empty title="There is no page at this address">
        <a class="button" href="/">
          Go to Home
        </a>
      </Empty>
    </Page>
  );
}

// An area's own address leads to its first room.
function Room({ path }: { path: string }) {
  const found = roomAt(path);
  const area = found ? undefined : kAreas.find((one) => path === `/${one.area}`);
  const start = area && startOf(area);
  useEffect(() => {
    if (start) navigate(start, { replace: true });
  }, [start]);
  if (found) return <RoomView key={path} room={found.room} parameters={found.parameters} />;
  return start ? null : <NotFound />;
}

export function App() {
  const { path } = useStore(place);
  const who = useStore(session);
  useSession();
  // The rooms are nobody's business who has not signed in, nor is that there are any.
  if (!useStore(isAsked)) return null;
  if (who !== null && !who.signed_in) return <SignIn />;
  return (
    <Layout>
      <Room path={path} />
    </Layout>
  );
}
