import type { ComponentChild } from "preact";
import { place } from "./lib/router.ts";
import { session, useSession } from "./lib/session.ts";
import { useStore } from "./lib/store.ts";
import { Accounts } from "./rooms/Accounts.tsx";
import { SignedIn } from "./rooms/AccountSignIn.tsx";
import { ActionPage, Actions } from "./rooms/Actions.tsx";
import { Approvals } from "./rooms/Approvals.tsx";
import { Audit } from "./rooms/Audit.tsx";
import { Events } from "./rooms/Events.tsx";
import { EventPage } from "./rooms/EventPage.tsx";
import { Hashtags } from "./rooms/Hashtags.tsx";
import { HashtagPage } from "./rooms/HashtagPage.tsx";
import { Inbox } from "./rooms/Inbox.tsx";
import { Now } from "./rooms/Now.tsx";
import { People } from "./rooms/People.tsx";
import { PostPage } from "./rooms/PostPage.tsx";
import { Posts } from "./rooms/Posts.tsx";
import { Rules } from "./rooms/Rules.tsx";
import { SignIn } from "./rooms/SignIn.tsx";
import { Write } from "./rooms/Write.tsx";
import { Title } from "./ui/basics.tsx";
import { Layout } from "./ui/Layout.tsx";
import { Empty } from "./ui/states.tsx";

function NotFound() {
  return (
    <div class="column">
      <div class="room-head">
        <Title name="Nothing here" />
      </div>
      <Empty title="There is no page at this address">
        <a class="button" href="/">
          Go to Now
        </a>
      </Empty>
    </div>
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function roomAt(path: string): ComponentChild {
  const [room, ...rest] = path.split("/").slice(1).map(decoded);
  if (room === "") return <Now />;
  if (room === "posts" && rest.length === 0) return <Posts />;
  if (room === "posts" && rest.length === 2) return <PostPage key={path} instanceId={rest[0]!} id={rest[1]!} />;
  if (room === "hashtags" && rest.length === 0) return <Hashtags />;
  if (room === "hashtags" && rest.length === 1) return <HashtagPage key={path} name={rest[0]!} />;
  if (room === "events" && rest.length === 0) return <Events />;
  if (room === "events" && rest.length === 1) return <EventPage key={path} id={rest[0]!} />;
  if (room === "write") return <Write key={path} />;
  if (room === "approvals") return <Approvals />;
  if (room === "actions" && rest.length === 0) return <Actions />;
  if (room === "actions" && rest.length === 1) return <ActionPage key={path} id={rest[0]!} />;
  if (room === "accounts" && rest.length === 0) return <Accounts />;
  if (room === "accounts" && rest.length === 1 && rest[0] === "signed-in") return <SignedIn />;
  if (room === "audit") return <Audit />;
  if (room === "rules") return <Rules />;
  if (room === "inbox") return <Inbox />;
  if (room === "people") return <People />;
  return <NotFound />;
}

export function App() {
  const { path } = useStore(place);
  const who = useStore(session);
  useSession();
  const stranger = who !== null && !who.signed_in;
  return <Layout>{stranger ? <SignIn /> : roomAt(path)}</Layout>;
}
