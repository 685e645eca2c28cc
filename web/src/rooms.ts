// Where everything is: six areas, and the rooms in them. A new room is one entry here, and nothing else of the frame changes:
// its tab, its address, its place in the palette and its right follow from it. Rooms are loaded when they are entered.
import type { ComponentType } from "preact";
import { maySee } from "./lib/session.ts";

export type AreaName = "home" | "listen" | "inbox" | "publish" | "learn" | "manage";

export interface Area {
  area: AreaName;
  name: string;
  key: string; // after «g»
  start: string; // the room that its link leads to; where it is missing, the first
  near: boolean; // on a phone it has a place in the bar; the others are behind «More»
}

export const kAreas: readonly Area[] = [
  { area: "home", name: "Home", key: "h", start: "/", near: true },
  { area: "listen", name: "Listen", key: "l", start: "/listen/live", near: true },
  { area: "inbox", name: "Inbox", key: "i", start: "/inbox/mentions", near: true },
  { area: "publish", name: "Publish", key: "p", start: "/publish/approvals", near: true },
  { area: "learn", name: "Learn", key: "e", start: "/learn/insights", near: false },
  { area: "manage", name: "Manage", key: "m", start: "/manage/accounts", near: false },
];

// What stands in a path after a colon is given to the component under that name.
type Part = ComponentType<Record<string, string>>;

export interface Room {
  path: string;
  name: string; // on its tab
  area: AreaName;
  right: string; // who has it not sees no tab
  load: () => Promise<Part>;
  also?: string; // other words by which the palette finds it
}

// The table keeps the components' own types out: their parameters are the words of their paths.
const part = <M>(module: Promise<M>, name: keyof M) => module.then((loaded) => loaded[name] as Part);

export const kRooms: readonly Room[] = [
  { path: "/", name: "Home", area: "home", right: "read", load: () => part(import("./rooms/Home.tsx"), "Home"), also: "needs you, next" },
  {
    path: "/listen/live",
    name: "Live",
    area: "listen",
    right: "read",
    load: () => part(import("./rooms/Live.tsx"), "Live"),
    also: "now, stream, rate, connectors",
  },
  {
    path: "/listen/posts",
    name: "Posts",
    area: "listen",
    right: "read",
    load: () => part(import("./rooms/Posts.tsx"), "Posts"),
    also: "search, edited, gaining",
  },
  {
    path: "/listen/posts/:instanceId/:id",
    name: "Post",
    area: "listen",
    right: "read",
    load: () => part(import("./rooms/PostPage.tsx"), "PostPage"),
  },
  {
    path: "/listen/hashtags",
    name: "Hashtags",
    area: "listen",
    right: "read",
    load: () => part(import("./rooms/Hashtags.tsx"), "Hashtags"),
    also: "trends, rising",
  },
  {
    path: "/listen/hashtags/:name",
    name: "Hashtag",
    area: "listen",
    right: "read",
    load: () => part(import("./rooms/HashtagPage.tsx"), "HashtagPage"),
  },
  {
    path: "/inbox/messages",
    name: "Messages",
    area: "inbox",
    right: "dm_read",
    load: () => part(import("./rooms/Messages.tsx"), "Messages"),
    also: "conversations, consent",
  },
  {
    path: "/publish/studio",
    name: "Studio",
    area: "publish",
    right: "act",
    load: () => part(import("./rooms/Write.tsx"), "Write"),
    also: "write, new post, compose",
  },
  {
    path: "/publish/approvals",
    name: "Approvals",
    area: "publish",
    right: "read",
    load: () => part(import("./rooms/Approvals.tsx"), "Approvals"),
    also: "approve, reject, requests",
  },
  {
    path: "/publish/activity",
    name: "Activity",
    area: "publish",
    right: "read",
    load: () => part(import("./rooms/Activity.tsx"), "Activity"),
    also: "actions, failed, scheduled, retry",
  },
  {
    path: "/publish/activity/:id",
    name: "Action",
    area: "publish",
    right: "read",
    load: () => part(import("./rooms/ActionPage.tsx"), "ActionPage"),
  },
  {
    path: "/manage/accounts",
    name: "Accounts",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/Accounts.tsx"), "Accounts"),
    also: "sign in, limits, quiet hours",
  },
  {
    path: "/manage/accounts/signed-in",
    name: "Signing in",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/AccountSignIn.tsx"), "SignedIn"),
  },
  {
    path: "/manage/rules",
    name: "Rules",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/Rules.tsx"), "Rules"),
    also: "blocklist, block, opt-out, erase",
  },
  {
    path: "/manage/people",
    name: "People",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/People.tsx"), "People"),
    also: "roles, password, tokens, access",
  },
  {
    path: "/manage/audit",
    name: "Audit",
    area: "manage",
    right: "audit",
    load: () => part(import("./rooms/Audit.tsx"), "Audit"),
    also: "who did what, trail",
  },
  {
    path: "/manage/system",
    name: "System",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/Events.tsx"), "Events"),
    also: "events, log, jobs, replay, retry",
  },
  {
    path: "/manage/system/:id",
    name: "Event",
    area: "manage",
    right: "read",
    load: () => part(import("./rooms/EventPage.tsx"), "EventPage"),
  },
];

const isPage = (room: Room) => room.path.includes("/:") || room.path.endsWith("/signed-in");

// The tabs of an area, as far as whoever is signed in may see them.
export const tabsOf = (area: AreaName) => kRooms.filter((room) => room.area === area && !isPage(room) && maySee(room.right));

// Where an area's link leads; undefined: it has no room yet, or none for this person, and is not shown.
export function startOf({ area, start }: Area): string | undefined {
  const tabs = tabsOf(area);
  return (tabs.find((room) => room.path === start) ?? tabs[0])?.path;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [i, word] of wanted.entries()) {
    if (word.startsWith(":")) found[word.slice(1)] = decoded(given[i]!);
    else if (word !== given[i]) return undefined;
  }
  return found;
}

// Words before parameters: «signed-in» is no account's id.
const kSought = [...kRooms.filter((room) => !room.path.includes("/:")), ...kRooms.filter((room) => room.path.includes("/:"))];

export function roomAt(path: string): { room: Room; parameters: Record<string, string> } | undefined {
  for (const room of kSought) {
    const parameters = parametersOf(room.path, path);
    if (parameters) return { room, parameters };
  }
  return undefined;
}

export const areaAt = (path: string): AreaName | undefined =>
  path === "/" ? "home" : kAreas.find(({ area }) => path === `/${area}` || path.startsWith(`/${area}/`))?.area;

// The tab that stands for a page below it.
export const isTabOf = (room: Room, path: string) => path === room.path || (room.path !== "/" && path.startsWith(`${room.path}/`));
