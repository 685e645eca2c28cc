// The one dictionary of the web app: what each state, kind and error of the API is called. No page shows a name of the
// program's insides, an id, a time as machines write it, or what HTTP calls a failure; a value that is not known here has a
// general word. test/web/tests/dictionary.mjs holds to it.
import type { Action, Notice, Verdict } from "./api_types.ts";
import { moment } from "./format.ts";

type Words = Readonly<Record<string, string>>;

const wordIn =
  (words: Words, otherwise: string) =>
  (name: string | null | undefined): string =>
    words[name ?? ""] ?? otherwise;

// Networks, and what they have

export const kPlatformNames: Words = { mastodon: "Mastodon", bluesky: "Bluesky", discord: "Discord" };
export const platformWord = wordIn(kPlatformNames, "Another network");

export const kVisibilities: Words = {
  public: "Everybody",
  unlisted: "Everybody, but not in public lists",
  private: "Followers",
  direct: "The people mentioned",
};
export const visibilityWord = wordIn(kVisibilities, "A part of the network");
const kAudiences: Words = { private: "followers only", direct: "mentioned only" };
export const audienceWord = wordIn(kAudiences, "limited");
export const kQuotePolicies: Words = { public: "Everybody", followers: "Followers", nobody: "Nobody" };
export const quotePolicyWord = wordIn(kQuotePolicies, "As the account has it");

export const moodWord = wordIn({ positive: "positive", neutral: "neutral", negative: "negative" }, "not scored");

// Actions

const kTypes: Words = {
  publish: "Post",
  reply: "Answer",
  comment: "Comment",
  like: "Like",
  unlike: "Take back a like",
  boost: "Boost",
  unboost: "Take back a boost",
  follow: "Follow",
  unfollow: "Unfollow",
  dm_send: "Message",
  dm_read: "Mark as read",
  edit_post: "Edit",
  delete_post: "Delete",
  delete_comment: "Delete a comment",
  extract_stats: "Read counts",
};
export const typeWord = wordIn(kTypes, "Action");

export const kUnseen = "unseen";

// As the filter says them; what a row says begins with the same words.
export const kStatusWords: Words = {
  pending: "Waits",
  in_progress: "Being sent",
  success: "Done",
  [kUnseen]: "Done, not seen on the platform",
  failed: "Failed",
  skipped: "Not allowed",
  cancelled: "Cancelled",
  unknown: "Outcome unknown",
};

const kReads = new Set(["dm_read", "extract_stats"]);

// Looks that could tell nothing have no confidence.
function doneWord(action: Action): string {
  if (action.verified) return "Done, verified";
  return action.verified === false && action.confidence ? kStatusWords[kUnseen]! : "Done, not verified";
}

export function statusWord(action: Action): string {
  if (action.status === "pending") {
    if (action.waits_for === "approval") return "Waits for approval";
    return action.is_late ? "Waits, late" : "Waits for its time";
  }
  if (action.status === "success" && !kReads.has(action.action_type)) return doneWord(action);
  return kStatusWords[action.status] ?? "In another state";
}

export function statusKind(action: Action): string {
  if (action.status === "success") {
    if (action.verified || kReads.has(action.action_type)) return "positive";
    return action.verified === false && action.confidence ? "bad" : "warn";
  }
  return action.status === "failed" || action.status === "unknown" || action.is_late ? "bad" : "warn";
}

const kMethods: Words = { api_response: "as the platform answered", manual: "by somebody’s own eyes" };
export const methodWord = wordIn(kMethods, "looked at");

const kDecisions: Record<string, { word: string; kind: string }> = {
  allow: { word: "fine", kind: "" },
  hold: { word: "asks a person", kind: "warn" },
  defer: { word: "later", kind: "warn" },
  deny: { word: "no", kind: "bad" },
};
export const decisionOf = (verdict: Verdict) => kDecisions[verdict.decision] ?? { word: "noted", kind: "" };

const kRules: Words = {
  account_active: "Account",
  already_done: "Done already",
  approval: "Approval",
  blocklist: "Blocklist",
  by_hand: "By hand",
  capability: "What the network can do",
  channel_limits: "Limits of the network",
  circuit_breaker: "Pause after trouble",
  consent: "Consent",
  cool_down: "Pause between actions",
  duplicate_text: "Same text",
  emergency_stop: "Publishing stopped",
  expiry: "Too late",
  opt_out: "Opted out",
  platform: "Network",
  quiet_hours: "Quiet hours",
  rate_limit: "Hourly limit",
  target: "Whom it concerns",
  thread: "Thread",
  warm_up: "New account",
};
export const ruleWord = wordIn(kRules, "Another rule");

// Accounts and who uses Linnet

const kCredentials: Words = {
  ok: "Signed in",
  expiring: "Sign-in expires soon",
  refresh_failed: "Sign-in could not be renewed",
  signed_out: "Signed out",
};
export const credentialWord = wordIn(kCredentials, "Sign-in in doubt");

export const kRoles: Words = { viewer: "Viewer", analyst: "Analyst", author: "Author", approver: "Approver", admin: "Admin" };

export const kRights: Words = {
  read: "Read",
  analyze: "Analyse",
  act: "Ask for actions",
  approve: "Approve",
  stop: "Stop publishing",
  rules: "Change rules",
  dm_read: "Read messages",
  consent: "Record consent",
  accounts: "Manage accounts",
  people: "Manage people",
  audit: "See the audit trail",
  erase: "Export and erase a person",
};
export const rightsInWords = (rights: readonly string[]) =>
  rights
    .filter((right) => right !== "open")
    .map((right) => kRights[right]?.toLowerCase() ?? "something else")
    .join(", ");

// The blocklist

export const kEntryTypes: Words = { user: "person", domain: "domain", keyword: "word", post: "post" };
export const entryWord = wordIn(kEntryTypes, "entry");
export const matchWord = wordIn({ exact: "exactly", contains: "contains", regex: "pattern" }, "in its own way");
export const addedByWord = wordIn({ user: "a person", manual: "a person", system: "Linnet", opt_out: "their own wish" }, "somebody");

// What Linnet reads, and its work

export const kConnectorStates: Record<string, { name: string; kind: string }> = {
  connecting: { name: "connecting", kind: "warn" },
  live: { name: "live", kind: "ok" },
  backing_off: { name: "reconnecting", kind: "warn" },
  paused: { name: "paused", kind: "" },
  stopped: { name: "stopped", kind: "" },
  failed: { name: "failed", kind: "bad" },
};
export const connectorState = (state: string) => kConnectorStates[state] ?? { name: "in another state", kind: "" };

const kStreams: Words = {
  public: "all public posts",
  "public:local": "the server’s own public posts",
  "public:remote": "public posts of other servers",
  user: "home timeline",
};
export function streamWord(stream: string): string {
  if (/^hashtag/.test(stream)) return `#${stream.replace(/^[^:]*:(local:)?/, "")}`;
  return kStreams[stream] ?? (/^list/.test(stream) ? "a list" : "a stream");
}

export const kEventKinds: Words = { update: "New post", "status.update": "Edited post", delete: "Deletion" };
export const eventKind = wordIn(kEventKinds, "Something else");

export const kEngines: Words = { sqlite: "SQLite", postgresql: "PostgreSQL", postgres: "PostgreSQL" };
export const engineWord = wordIn(kEngines, "its own store");

const kJobs: Words = { retry: "Retry", replay: "Replay" };
export const jobWord = (kind: string) => wordIn(kJobs, "The work")(kind.replace(/^events?[._-]/, ""));
export const kJobStates: Words = {
  waiting: "waiting",
  running: "at work",
  asking: "missed: run it?",
  done: "done",
  failed: "failed",
  cancelled: "called off",
};
export const jobStateWord = wordIn(kJobStates, "in another state");
export const jobEnding = wordIn({ running: "is running", done: "is done", failed: "failed", cancelled: "was stopped" }, "has ended");
const kFigures: Words = {
  applied: "Applied",
  failed: "Failed",
  retried: "Tried again",
  digest: "Fingerprint",
  events: "Events",
  posts: "Posts",
};
export const figureWord = wordIn(kFigures, "Others");

// What needs a person's eye

const kAccounts = { href: "/manage/accounts", link: "Accounts" };
const kNotices: Record<string, { href: string; link: string }> = {
  signed_out: { ...kAccounts, link: "Sign in again" },
  credentials: kAccounts,
  messages: kAccounts,
  paused: kAccounts,
  late: { href: "/publish/activity?status=pending", link: "Look at them" },
  unknown: { href: "/publish/activity?status=unknown", link: "Look at them" },
  unverified: { href: "/publish/activity?status=success&verified=false", link: "Look at them" },
};

const kInsteadOf: Words = { stopped: "Nothing is published until someone resumes." };

export function noticeOf({ kind, text, target }: Notice): { text: string; href?: string; link?: string } {
  const where =
    kind === "twice" && target ? { href: `/publish/activity/${encodeURIComponent(target)}`, link: "Look at it" } : kNotices[kind];
  return { text: kInsteadOf[kind] ?? plainly(text), ...where };
}

// Errors

const kTitles: Record<number, string> = {
  400: "That cannot be done as it is",
  401: "You are not signed in",
  403: "You may not do that",
  404: "It is not here",
  408: "It did not arrive in time",
  409: "Something stands in the way",
  413: "That is too large",
  421: "Linnet does not answer to this address",
  422: "That cannot be done as it is",
  429: "That was too much at once",
  502: "Linnet cannot be reached",
  503: "Linnet cannot do that now",
  504: "Linnet cannot be reached",
};
export const titleOf = (status: number) => kTitles[status] ?? (status >= 500 ? "Something went wrong in Linnet" : "That did not work");

const kAdvice: Record<number, string> = {
  0: "Is linnet still running? Start it with “linnet serve” and try again.",
  400: "Change what you asked for and try again.",
  401: "Sign in, then try again.",
  403: "It needs a right that you do not have here; an admin can give it.",
  404: "It may have been removed, or the address is mistyped.",
  409: "Look at what is there now, then try again.",
  413: "Make it smaller, or send less at once.",
  422: "Change what you asked for and try again.",
  429: "Wait a moment and try again.",
  502: "A server between you and Linnet gets no answer from it. Is linnet still running?",
  504: "A server between you and Linnet gets no answer from it. Is linnet still running?",
};
// A guess, for where nothing was said. Whoever said something knows better.
export const adviceFor = (status: number) => kAdvice[status] ?? "The log of linnet says more. Try again in a moment.";

// What other programs say in the midst of a sentence of ours.
const kForeign: readonly (readonly [RegExp, string])[] = [
  [/(?:error:[\dA-F]+:)?SSL routines:[^.;,)]*|(?:certificate verify|tlsv1|sslv3)[^.;,)]*/gi, "no safe connection could be made"],
  [/\b(?:HTTP(?:\/[\d.]+)? )?(?:error )?(?:401 Unauthorized|403 Forbidden)\b/gi, "the server does not let this account in"],
  [/\b(?:HTTP(?:\/[\d.]+)? )?(?:error )?404 Not Found\b/gi, "the server does not have it"],
  [/\b(?:HTTP(?:\/[\d.]+)? )?(?:error )?429(?: Too Many Requests)?\b/gi, "the server asks to go slower"],
  [
    /\b(?:HTTP(?:\/[\d.]+)? )?(?:error )?5\d\d(?: (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Timeout))\b/gi,
    "the server had trouble of its own",
  ],
  [/\b(?:HTTP(?:\/[\d.]+)? |status )?[45]\d\d: (?=\S)/g, ""],
  [
    /\b(?:Bad Request|Unauthorized|Forbidden|Not Found|Conflict|Bad Gateway|Service Unavailable|Gateway Timeout|Internal Server Error)\b/g,
    "refused",
  ],
];
const kTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g;
// The name of a field before a sentence about it.
const kFieldName = /^[a-z]+(?:[._][a-z]+)+: /;
// Only names that are ours: somebody may be called so_and_so.
const kInside: Words = Object.fromEntries(
  [kTypes, kStatusWords, kRules, kCredentials, kRights, kMethods]
    .flatMap((words) => Object.entries(words))
    .filter(([name]) => name.includes("_")),
);
const kInsideName = /(^|[\s("“«])([a-z]+(?:_[a-z]+)+)(?=$|[\s),.;:"”»])/g;

// A sentence from the program or from a network, as people read it: times in their own zone, no names of insides.
export function plainly(text: string): string {
  let said = text.replace(kFieldName, "").replace(kTime, (time) => moment(time));
  for (const [foreign, words] of kForeign) said = said.replace(foreign, words);
  return said.replace(kInsideName, (all, before: string, name: string) => (kInside[name] ? before + kInside[name].toLowerCase() : all));
}
