// What the palette offers: rooms and actions, which are known here, and tags, people and posts, which Linnet is asked for.
import { isStopped, resumePublishing } from "../ui/Notices.tsx";
import { kRooms, kAreas, tabsOf, type Room } from "../rooms.ts";
import { type Page, get, withParameters } from "./api.ts";
import { fullNumber } from "./format.ts";
import { helpOpen } from "./keyboard.ts";
import { pictures, theme } from "./prefs.ts";
import { authorHref, hashtagHref, navigate, postHref } from "./router.ts";
import { may, notices, session, signOut } from "./session.ts";
import type { Account, Hashtag, Post } from "./api_types.ts";

export interface Offer {
  key: string;
  group: "Rooms" | "Actions" | "Hashtags" | "People" | "Posts";
  name: string;
  about?: string;
  does: () => void;
}

const plain = (text: string) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

// Whether each word typed begins one of the words, best first: 0 is none, and where the name begins with it is most.
export function fit(typed: string, name: string, also = ""): number {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return 1;
  const names = plain(name);
  const words = `${names} ${plain(also)}`.split(/[\s,]+/);
  if (!wanted.every((word) => words.some((one) => one.startsWith(word)))) return 0;
  return names.startsWith(wanted[0]!) ? 3 : names.split(/\s+/).some((one) => one.startsWith(wanted[0]!)) ? 2 : 1;
}

const areaName = (room: Room) => kAreas.find(({ area }) => area === room.area)?.name ?? "";

function roomOffers(): (Offer & { also?: string })[] {
  const shown = kAreas.flatMap(({ area }) => tabsOf(area));
  return kRooms
    .filter((room) => shown.includes(room))
    .map((room) => ({
      key: `room ${room.path}`,
      group: "Rooms" as const,
      name: room.name,
      about: room.area === "home" ? undefined : areaName(room),
      also: `${areaName(room)} ${room.also ?? ""}`,
      does: () => navigate(room.path),
    }));
}

// `askToStop` opens what asks before publishing is stopped.
function actionOffers(askToStop: () => void): (Offer & { also?: string })[] {
  const stopped = isStopped(notices.get().items);
  const action = (name: string, also: string, does: () => void, allowed = true) =>
    allowed ? [{ key: `action ${name}`, group: "Actions" as const, name, also, does }] : [];
  return [
    ...action("New post", "write compose studio", () => navigate("/publish/studio"), may("act")),
    ...action("Stop publishing", "emergency halt pause", askToStop, may("stop") && !stopped),
    ...action("Resume publishing", "go on start", () => void resumePublishing(), may("approve") && stopped),
    ...action("Add an account", "sign in mastodon bluesky", () => navigate("/manage/accounts"), may("accounts")),
    ...action("Light colours", "theme", () => theme.set("light")),
    ...action("Dark colours", "theme night", () => theme.set("dark")),
    ...action("Colours as the system has them", "theme auto", () => theme.set("auto")),
    ...action(pictures.get() === "on" ? "Hide pictures from other servers" : "Show pictures from other servers", "images media", () =>
      pictures.set(pictures.get() === "on" ? "off" : "on"),
    ),
    ...action("Keyboard shortcuts", "keys help", () => helpOpen.set(true)),
    ...action("Sign out", "leave", () => void signOut(), session.get()?.needs_password === true),
  ];
}

const kMostOfGroup = 6;

export function localOffers(typed: string, askToStop: () => void): Offer[] {
  return [...roomOffers(), ...actionOffers(askToStop)]
    .map((offer) => ({ offer, fits: fit(typed, offer.name, offer.also) }))
    .filter(({ fits }) => fits > 0)
    .sort((a, b) => b.fits - a.fits)
    .map(({ offer }) => offer);
}

const quietly = <T>(asked: Promise<Page<T>>): Promise<T[]> =>
  asked.then(
    ({ items }) => items,
    () => [], // what cannot be had is not offered
  );

function tagOffers(tags: Hashtag[]): Offer[] {
  const seen = new Map(tags.map((tag) => [tag.name, tag]));
  return [...seen.values()].map(({ name, posts }) => ({
    key: `tag ${name}`,
    group: "Hashtags",
    name: `#${name}`,
    about: `${fullNumber(posts)} posts`,
    does: () => navigate(hashtagHref(name)),
  }));
}

// People are those who wrote what was found, and own accounts.
function personOffers(typed: string, posts: Post[], accounts: Account[]): Offer[] {
  const authors = posts.flatMap(({ author }) => (author && fit(typed, author.acct, author.display_name) ? [author] : []));
  const found = new Map<string, Offer>();
  for (const { id, username, display_name } of accounts) {
    if (!fit(typed, username, display_name ?? "")) continue;
    found.set(`own ${id}`, {
      key: `own ${id}`,
      group: "People",
      name: `@${username}`,
      about: "own account",
      does: () => navigate("/manage/accounts"),
    });
  }
  for (const { acct, display_name } of authors) {
    found.set(acct, {
      key: `person ${acct}`,
      group: "People",
      name: `@${acct}`,
      about: display_name,
      does: () => navigate(authorHref(acct)),
    });
  }
  return [...found.values()].slice(0, kMostOfGroup);
}

const postOffers = (posts: Post[]): Offer[] =>
  posts.slice(0, kMostOfGroup).map((post) => ({
    key: `post ${post.instance_id}/${post.id}`,
    group: "Posts",
    name: post.content_text.replace(/\s+/g, " ").slice(0, 90) || "A post without words",
    about: post.author ? `@${post.author.acct}` : undefined,
    does: () => navigate(postHref(post)),
  }));

// «#» and «@» before what is typed say what is meant.
export async function askedOffers(typed: string, signal: AbortSignal): Promise<Offer[]> {
  const words = typed.trim().replace(/^[#@]/, "");
  if (words.length < 2) return [];
  const isAuthor = typed.startsWith("@") || /^\S+@\S+\.\S+$/.test(words);
  const [tags, byAuthor, posts, accounts] = await Promise.all([
    typed.startsWith("@") ? [] : quietly(get<Page<Hashtag>>(withParameters("/hashtags", { query: words, limit: kMostOfGroup }), signal)),
    isAuthor ? quietly(get<Page<Post>>(withParameters("/posts", { author: words, limit: kMostOfGroup }), signal)) : [],
    quietly(get<Page<Post>>(withParameters("/posts", { query: words, limit: 20 }), signal)),
    quietly(get<Page<Account>>("/accounts", signal)),
  ]);
  return [
    ...tagOffers(tags),
    ...personOffers(words, [...byAuthor, ...posts], accounts),
    ...(typed.startsWith("#") ? [] : postOffers(posts)),
  ];
}
