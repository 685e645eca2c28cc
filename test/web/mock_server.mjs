// Serves the built app and invented answers to its questions: node mock_server.mjs DIST [PORT]. For the app's own tests
// and for working on it without a store; what the real program answers is checked by running the same tests against it.
//
// Tests steer it through POST /__mock/…: rate?n=500 (posts a second), drop (close all live connections), live?off=1
// (refuse new ones), empty?on=1 (a program that has seen nothing), stranger?on=1 (nobody is signed in), fail?on=1 (answers
// 500, or with status=… and detail=…, and as a proxy with page=1), acting?lose=1 (answers to requests for actions are lost
// on their way; for hold, refuse and forget see mock_acting.mjs; without any, all that the acting rooms did is forgotten),
// drafts?forget=1 (no draft is kept), drafts?elsewhere=… (one is saved as by another tab).
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, STATUS_CODES } from "node:http";
import { extname, join, normalize } from "node:path";
import { MockActing } from "./mock_acting.mjs";
import { instances, iso, makeEvents, makeNetwork, makePost, tags, withScore } from "./mock_data.mjs";

const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; media-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types linnet-html";
const kTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
};

const dist = process.argv[2];
const port = Number(process.argv[3] ?? 0);
if (!dist) {
  console.error("usage: mock_server.mjs DIST [PORT]");
  process.exit(2);
}

const started = Date.now();
const network = makeNetwork(started);
const events = makeEvents(network.posts, started);
const jobs = new Map();
const acting = new MockActing(started);
const state = {
  rate: 2,
  live: true,
  empty: false,
  stranger: false,
  fail: 0,
  failDetail: "",
  failPage: false,
  raw: false,
  person: "u1",
  rights: null,
  arrived: 0,
};
const kAllRights = "open read analyze act dm_read approve stop rules accounts audit people consent erase".split(" ");

class Problem extends Error {
  constructor(status, title, detail, field) {
    super(title);
    Object.assign(this, { status, title, detail, field });
  }
}

function paged(items, search, most = 100) {
  const limit = Number(search.get("limit") ?? 20);
  if (!(limit >= 1 && limit <= most))
    throw new Problem(400, "Invalid parameter", `limit: a whole number from 1 to ${most} was expected`, "limit");
  const from = Number(search.get("cursor") ?? 0);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
}

function posts(search) {
  if (state.empty) return { items: [], next: null };
  const query = search.get("query")?.toLowerCase();
  const author = search.get("author");
  const tag = search.get("tag");
  const since = search.get("since");
  const until = search.get("until");
  const found = network.posts.filter(
    (post) =>
      (!query || post.content_text.toLowerCase().includes(query)) &&
      (!author || post.author.acct === author || post.author.username === author) &&
      (!tag || post.hashtags.includes(tag)) &&
      (!search.get("language") || post.language === search.get("language")) &&
      (!search.get("instance") || String(post.instance_id) === search.get("instance") || post.instance === search.get("instance")) &&
      (!since || post.created_at >= since) &&
      (!until || post.created_at <= until),
  );
  if (search.get("sort") === "engagement") found.sort((a, b) => b.engagement_score - a.engagement_score);
  return paged(found, search);
}

function postAt(instanceId, id) {
  const post = network.posts.find((one) => one.id === id && String(one.instance_id) === instanceId);
  if (!post || state.empty) throw new Problem(404, "No such post", `instance ${instanceId} has no post ${id}`);
  return post;
}

function postDetail(post) {
  if (post.id === network.special.post.id) {
    return {
      ...post,
      versions: network.special.versions,
      snapshots: network.special.snapshots,
      thread: { root_id: post.id, depth: 0, reply_count: 6 },
    };
  }
  const version = {
    version_seq: 1,
    valid_from: post.created_at,
    valid_to: null,
    edited_at: null,
    content_html: post.content_html,
    content_text: post.content_text,
    spoiler_text: post.spoiler_text,
    sentiment: post.sentiment,
  };
  const { replies_count, reblogs_count, favourites_count } = post;
  return {
    ...post,
    versions: [version],
    snapshots: [{ captured_at: post.created_at, ...withScore({ replies_count, reblogs_count, favourites_count }) }],
    thread: null,
  };
}

const sparkline = (i) =>
  Array.from({ length: 24 }, (_, hour) => Math.round(Math.max(0, (i % 3) + Math.sin(hour / 3 + i) * 2 + (hour > 19 ? 9 - i : 0))));

function trending(search) {
  const method = search.get("method") ?? "growth";
  if (!["growth", "spike", "burst"].includes(method))
    throw new Problem(400, "Invalid parameter", "method: growth, spike or burst was expected", "method");
  const order = method === "spike" ? [...tags].reverse() : method === "burst" ? tags.slice(3) : tags;
  const items = order.slice(0, 9).map((name, i) => ({
    name,
    recent: 41 - i * 4,
    baseline: 12 - i,
    score: method === "growth" ? 41 - i * 4 : Number((9.3 - i * 0.77).toFixed(2)),
    accounts: 30 - i * 3,
    sparkline: sparkline(i),
  }));
  const hostile = {
    name: `<img src=x onerror="window.__harmed='tag'">`,
    recent: 3,
    baseline: 1,
    score: 1,
    accounts: 1,
    sparkline: sparkline(20),
  };
  return { items: state.empty ? [] : [...items, hostile].slice(0, Number(search.get("limit") ?? 20)), at: iso(Date.now()), method };
}

function history(name, search) {
  if (!tags.includes(name) && !name.startsWith("<")) throw new Problem(404, "No such hashtag", `no post with #${name} was seen`);
  const hours = Number(search.get("hours") ?? 48);
  const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  return {
    name,
    first_seen_at: iso(started - 40 * 86_400_000),
    last_seen_at: iso(started - 60_000),
    hours: Array.from({ length: hours }, (_, i) => {
      const posts = Math.max(0, Math.round(6 + 5 * Math.sin(i / 4) + (i > hours - 5 ? 14 : 0)));
      return { hour: iso(now - (hours - 1 - i) * 3_600_000), posts, accounts: Math.ceil(posts * 0.7), engagement: posts * 11 };
    }).filter((one) => one.posts > 0),
  };
}

const connectors = [
  {
    id: 1,
    instance: instances[0].base_url,
    platform: "mastodon",
    stream: "public",
    state: "live",
    since: iso(started - 7_000_000),
    last_event_at: iso(started),
    events: 48_211,
    reconnects: 2,
    gaps_filled: 2,
    last_error: null,
    rate_limit: { limit: 300, remaining: 281, reset_at: iso(started + 200_000) },
  },
  {
    id: 2,
    instance: instances[1].base_url,
    platform: "mastodon",
    stream: "hashtag:birds",
    state: "backing_off",
    since: iso(started - 40_000),
    last_event_at: iso(started - 45_000),
    events: 912,
    reconnects: 11,
    gaps_filled: 10,
    last_error: "the server closed the stream (1012): restarting",
    rate_limit: null,
  },
  {
    id: 3,
    instance: instances[2].base_url,
    platform: "mastodon",
    stream: "user",
    state: "failed",
    since: iso(started - 90_000),
    last_event_at: null,
    events: 0,
    reconnects: 0,
    gaps_filled: 0,
    last_error: "401: the token was revoked. Sign in again: linnet account add mastodon https://colline.example",
    rate_limit: null,
  },
];

function status() {
  const totals = { posts: 3_204 + network.posts.length, accounts: 1_893, hashtags: 640, snapshots: 12_480, instances: 3 };
  const none = Object.fromEntries(Object.keys(totals).map((name) => [name, 0]));
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return {
    version: "0.1.0",
    engine: "sqlite",
    started_at: iso(started),
    demo: !state.empty,
    log: {
      events: state.empty ? 0 : 48_600,
      failed: state.empty ? 0 : events.filter((event) => event.error).length,
      last_event_id: events[0].id,
    },
    projections: { applied_event_id: events[0].id, lag: 0, events_per_second: state.rate },
    followers: { search: { mark: events[0].id, lag: 0 }, sentiment: { mark: events[0].id, lag: 0 } },
    totals: state.empty ? none : totals,
    rate: Array.from({ length: 60 }, (_, i) => ({
      minute: iso(minute - (59 - i) * 60_000),
      events: Math.round(130 + 60 * Math.sin(i / 5) + (i % 7) * 6),
    })),
  };
}

function eventList(search) {
  let found = state.empty ? [] : events;
  if (search.get("failed") === "true") found = found.filter((event) => event.error);
  if (search.get("kind")) found = found.filter((event) => event.event_type === search.get("kind"));
  if (search.get("status_id")) found = found.filter((event) => event.status_id === search.get("status_id"));
  const page = paged(found, search);
  return { ...page, items: page.items.map(({ payload: _, payload_raw: __, ...event }) => event) };
}

function startJob(kind) {
  const id = `job-${jobs.size + 1}`;
  const job = { id, kind, state: "running", done: 0, total: kind === "replay" ? 48_600 : 8, message: "", result: null };
  jobs.set(id, job);
  const timer = setInterval(() => {
    job.done = Math.min(job.total, job.done + Math.ceil(job.total / 12));
    if (job.done === job.total) {
      clearInterval(timer);
      job.state = "done";
      job.result = kind === "replay" ? { applied: 48_592, failed: 8, digest: "9f2c41d0a7" } : { retried: 8, applied: 1, failed: 7 };
      if (kind === "retry") {
        const first = events.find((event) => event.error);
        if (first) Object.assign(first, { error: null, processed_at: iso(Date.now()) });
      }
    }
    broadcast({ type: "job", ...job });
  }, 150);
  return { job: id };
}

const scheduled = [
  {
    id: "41",
    kind: "retention",
    key: "",
    title: "Remove what the rules no longer keep",
    state: "waiting",
    done: 0,
    total: 0,
    message: "",
    result: null,
    schedule: "30 3 * * *",
    zone: "UTC",
    due_at: iso(started + 4e7),
    is_stopping: false,
    asked_by: null,
    last_run_at: null,
    ended_at: null,
  },
  {
    id: "40",
    kind: "retention",
    key: "",
    title: "Remove what the rules no longer keep",
    state: "failed",
    done: 0,
    total: 0,
    message: "the disk is full",
    result: null,
    schedule: "30 3 * * *",
    zone: "UTC",
    due_at: iso(started - 4e7),
    is_stopping: false,
    asked_by: "ada",
    last_run_at: null,
    ended_at: iso(started - 4e7),
  },
];

function changeJob(id, how) {
  const job = scheduled.find((one) => one.id === id) ?? notFound("job", id);
  job.due_at = iso(how === "run" ? Date.now() : started + 12e7);
  job.message = how === "run" ? "" : "left out by ada";
  return job;
}

const related = (name) => ({
  items: tags
    .filter((tag) => tag !== name)
    .slice(0, 7)
    .map((tag, i) => ({ name: tag, count: 40 - i * 5, lift: 6.4 / (i + 1) })),
});
const tagList = (search) => ({
  items: tags
    .filter((tag) => tag.startsWith((search.get("query") ?? "").toLowerCase()))
    .filter(() => !state.empty)
    .map((name, i) => ({
      name,
      instance: instances[0].base_url,
      posts: 900 - i * 61,
      first_seen_at: iso(started - 9e8),
      last_seen_at: iso(started - i * 50_000),
    })),
  next: null,
});
const editList = (search) => {
  const { post, versions } = network.special;
  return {
    items: state.empty
      ? []
      : [{ id: post.id, instance: post.instance, instance_id: post.instance_id, author_acct: post.author.acct, versions }].slice(
          0,
          Number(search.get("limit") ?? 20),
        ),
    next: null,
  };
};
const velocity = () => ({
  items: network.posts.slice(10, 16).map((post, i) => ({
    id: post.id,
    instance: post.instance,
    instance_id: post.instance_id,
    gained: 80 - i * 9,
    from: i,
    to: 80 - i * 8,
    post,
  })),
});

const tokenUntil = (name, expires_at) => ({
  id: name,
  name,
  prefix: "lin_AbCdEf",
  scopes: ["open", "read"],
  expires_at,
  revoked_at: null,
  last_used_at: null,
  requests_per_minute: 600,
});

// Of each person, by name.
const drafts = new Map();
const draftsOfPerson = () => drafts.get(state.person) ?? drafts.set(state.person, new Map()).get(state.person);
let lastSaving = 0;

function saveDraft(name, { content, seen_at }) {
  const before = draftsOfPerson().get(name);
  lastSaving = Math.max(Date.now(), lastSaving + 1);
  const saved = { name, content, saved_at: iso(lastSaving) };
  draftsOfPerson().set(name, saved);
  const replaced_another = Boolean(before && before.saved_at !== seen_at && JSON.stringify(before.content) !== JSON.stringify(content));
  return { name, saved_at: saved.saved_at, replaced_another };
}

const draftRoutes = [
  ["GET", /^\/drafts\/([^/]+)$/, (_, name) => draftsOfPerson().get(name) ?? notFound("draft", name)],
  ["POST", /^\/drafts\/([^/]+)$/, (_, name, body) => saveDraft(name, body)],
  ["POST", /^\/drafts\/([^/]+)\/remove$/, (_, name) => (draftsOfPerson().delete(name), { removed: true })],
];

const routes = [
  ["GET", /^\/status$/, () => status()],
  [
    "GET",
    /^\/session$/,
    () =>
      state.stranger
        ? { signed_in: false, user_id: null, name: null, permissions: [] }
        : {
            signed_in: true,
            user_id: state.person,
            name: "ada",
            permissions: state.rights ?? kAllRights,
            needs_password: true,
          },
  ],
  ...acting.routes(Problem, () => state.empty),
  ...draftRoutes,
  [
    "POST",
    /^\/users$/,
    () => {
      throw new Problem(400, "Bad Request", "name: only a to z, 0 to 9, . - and _ can be in it");
    },
  ],
  [
    "GET",
    /^\/users$/,
    () => ({
      items: [
        { id: "u1", name: "ada", role: "admin", extra_permissions: ["audit"], has_password: true, is_active: true, last_seen_at: null },
      ],
      next: null,
    }),
  ],
  [
    "GET",
    /^\/tokens$/,
    () => ({
      items: [tokenUntil("backup", null), tokenUntil("short", iso(started + 9e8)), tokenUntil("old", iso(started - 9e8))],
      next: null,
    }),
  ],
  ["GET", /^\/connectors$/, () => ({ items: state.empty ? [] : connectors })],
  ["GET", /^\/instances$/, () => ({ items: state.empty ? [] : instances.map((one) => ({ ...one, platform: "mastodon", posts: 1000 })) })],
  ["GET", /^\/posts$/, (search) => posts(search)],
  ["GET", /^\/posts\/velocity$/, () => velocity()],
  ["GET", /^\/posts\/edits$/, (search) => editList(search)],
  ["GET", /^\/posts\/([^/]+)\/([^/]+)$/, (_, instance, id) => postDetail(postAt(instance, id))],
  [
    "GET",
    /^\/posts\/([^/]+)\/([^/]+)\/thread$/,
    (_, instance, id) => ({ items: [{ ...postAt(instance, id), depth: 0 }, ...network.replies] }),
  ],
  ["GET", /^\/hashtags\/trending$/, (search) => trending(search)],
  ["GET", /^\/hashtags$/, (search) => tagList(search)],
  ["GET", /^\/hashtags\/([^/]+)\/related$/, (_, name) => related(name)],
  ["GET", /^\/hashtags\/([^/]+)\/posts$/, (search, name) => posts(new URLSearchParams([...search, ["tag", name]]))],
  ["GET", /^\/hashtags\/([^/]+)$/, (search, name) => history(name, search)],
  ["GET", /^\/events$/, (search) => eventList(search)],
  ["GET", /^\/events\/([^/]+)$/, (_, id) => events.find((event) => String(event.id) === id) ?? notFound("event", id)],
  ["POST", /^\/events\/(retry|replay)$/, (_, kind) => startJob(kind), 202],
  ["GET", /^\/jobs$/, (search) => ({ items: scheduled.filter((job) => search.get("alive") !== "true" || !job.ended_at), next: null })],
  ["POST", /^\/jobs\/([^/]+)\/(cancel|run)$/, (_, id, how) => changeJob(id, how)],
  ["GET", /^\/jobs\/([^/]+)$/, (_, id) => jobs.get(id) ?? notFound("job", id)],
];

function notFound(what, id) {
  throw new Problem(404, `No such ${what}`, `there is no ${what} ${id}`);
}

function sendJson(response, code, value, type = "application/json") {
  response.writeHead(code, { "content-type": type });
  response.end(JSON.stringify(value));
}

// As a newer program may answer: every kind and state is one that the app does not know, and every sentence has a time for
// machines, what HTTP and OpenSSL say, and a name of the program's insides.
const kKinds = new Set(
  "status action_type target_type platform credential_state outcome decision rule entry_type match_type added_by visibility quotePolicy state kind stream role method engine label".split(
    " ",
  ),
);
const kSentences = new Set("reason message credential_error messages_error pause_reason last_error problem text_error".split(" "));
const kRawSentence =
  "sent: 2026-11-30T10:16:16.351610Z HTTP 403 Forbidden, error:0A00010B:SSL routines::wrong version number; see rate_limit";

function asNewer(value, key = "") {
  if (Array.isArray(value)) return value.map((one) => (key === "extra_permissions" || key === "scopes" ? "brand_new_value" : asNewer(one)));
  if (value === null || typeof value !== "object") {
    if (typeof value !== "string" || value === "") return value;
    return kKinds.has(key) ? "brand_new_value" : kSentences.has(key) ? kRawSentence : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === "details" || name === "payload" ? one : asNewer(one, name)]),
  );
}

// As a proxy in front answers for the program.
function sendPage(response, code) {
  response.writeHead(code, { "content-type": "text/html" });
  response.end(
    `<html><head><title>${code} ${STATUS_CODES[code]}</title></head><body><h1>${code} ${STATUS_CODES[code]}</h1><hr>nginx</body></html>`,
  );
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return text ? JSON.parse(text) : {};
}

async function answerApi(request, response, url) {
  const path = url.pathname.slice("/api/v1".length);
  if (request.method === "POST" && path === "/media") {
    const taken = await acting.takeFile(request);
    return !taken || (taken.value ? sendJson(response, taken.status, taken.value) : sendPage(response, taken.status));
  }
  const body = request.method === "POST" ? await bodyOf(request) : undefined;
  if (state.fail && state.failPage) return sendPage(response, state.fail);
  if (state.fail)
    throw new Problem(state.fail, STATUS_CODES[state.fail], state.failDetail || (state.fail === 500 ? "the store cannot be read" : ""));
  for (const [method, pattern, handle, code = 200] of routes) {
    const match = request.method === method && pattern.exec(path);
    if (!match) continue;
    const value = handle(
      url.searchParams,
      ...match.slice(1).map(decodeURIComponent),
      ...(body ? (match.length > 1 ? [body] : [undefined, body]) : []),
    );
    if (acting.lose && path === "/actions" && body && !body.dry_run) return response.destroy();
    if (!Buffer.isBuffer(value)) return sendJson(response, code, state.raw ? asNewer(value) : value);
    response.writeHead(code, { "content-type": "image/png" });
    return response.end(value);
  }
  notFound("endpoint", path);
}

function answerMock(url, response) {
  const [, what] = /^\/__mock\/(\w+)$/.exec(url.pathname) ?? [];
  if (what === "rate") state.rate = Number(url.searchParams.get("n"));
  if (what === "stranger") state.stranger = url.searchParams.get("on") === "1";
  if (what === "empty") state.empty = url.searchParams.get("on") === "1";
  if (what === "fail") {
    state.fail = url.searchParams.get("on") === "1" ? Number(url.searchParams.get("status") ?? 500) : 0;
    state.failDetail = url.searchParams.get("detail") ?? "";
    state.failPage = url.searchParams.get("page") === "1";
  }
  if (what === "raw") state.raw = url.searchParams.get("on") === "1";
  if (what === "person") state.person = url.searchParams.get("id") ?? "u1";
  if (what === "rights") state.rights = url.searchParams.get("only")?.split(",") ?? null;
  if (what === "live") state.live = url.searchParams.get("off") !== "1";
  if (what === "acting") {
    if (url.search === "") acting.reset();
    for (const name of ["lose", "hold"]) if (url.searchParams.has(name)) acting[name] = url.searchParams.get(name) === "1";
    if (url.searchParams.has("refuse")) acting.refuse = Number(url.searchParams.get("refuse"));
    if (url.searchParams.has("add")) acting.addRequest();
    if (url.searchParams.has("deny")) acting.deny = url.searchParams.get("deny");
    if (url.searchParams.has("forget")) acting.files = [];
  }
  if (what === "drafts") {
    if (url.searchParams.has("forget")) drafts.clear();
    if (url.searchParams.has("elsewhere")) saveDraft("post", JSON.parse(url.searchParams.get("elsewhere")));
  }
  if (what === "drop") for (const socket of [...sockets.keys()]) socket.destroy();
  sendJson(response, 200, {
    ...state,
    decided: acting.decided,
    asked: acting.asked,
    files: acting.files,
    brokenOff: acting.brokenOff,
    revoked: acting.revoked,
    stopped: acting.stopped,
    did: acting.did,
    blocks: acting.blocks.map((one) => one.id),
    waiting: acting.approvals.map((one) => one.id),
    drafts: Object.fromEntries([...draftsOfPerson()].map(([name, { content }]) => [name, content])),
    special: { instance_id: network.special.post.instance_id, id: network.special.post.id },
    listeners: sockets.size,
  });
}

function answerFile(url, response) {
  const name = normalize(url.pathname).slice(1);
  let file = /^[\w.-]+\.\w+$/.test(name) ? name : "index.html";
  let body;
  try {
    body = readFileSync(join(dist, file));
  } catch {
    file = "index.html";
    body = readFileSync(join(dist, file));
  }
  response.writeHead(200, {
    "content-type": kTypes[extname(file)] ?? "text/plain",
    "content-security-policy": kPolicy,
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  try {
    if (url.pathname.startsWith("/__mock/")) return answerMock(url, response);
    if (url.pathname.startsWith("/api/v1/")) return await answerApi(request, response, url);
    answerFile(url, response);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status: code, title, detail, field } = error;
    sendJson(response, code, { type: "about:blank", title, status: code, detail, field }, "application/problem+json");
  }
});

// The live WebSocket, as much of RFC 6455 as a server that mostly speaks needs.
const sockets = new Map(); // socket -> topics

function frame(text) {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, body.length])
      : body.length < 65_536
        ? Buffer.from([0x81, 126, body.length >> 8, body.length & 255])
        : Buffer.alloc(10);
  if (head.length === 10) {
    head[0] = 0x81;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

function broadcast(message, topic) {
  const data = frame(JSON.stringify(message));
  for (const [socket, topics] of sockets) if (!topic || topics.includes(topic)) socket.write(data);
}

function readFrames(socket, data) {
  if ((data[0] & 15) === 8) return socket.end();
  const length = data[1] & 127;
  if ((data[0] & 15) !== 1 || length > 126) return;
  const at = length === 126 ? 4 : 2;
  const size = length === 126 ? data.readUInt16BE(2) : length;
  const mask = data.subarray(at, at + 4);
  const text = Buffer.from(data.subarray(at + 4, at + 4 + size).map((byte, i) => byte ^ mask[i & 3])).toString();
  const message = JSON.parse(text);
  if (message.type === "subscribe") sockets.set(socket, message.topics);
}

server.on("upgrade", (request, socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
  if (!state.live || !request.url.startsWith("/api/v1/live")) return socket.destroy();
  const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  sockets.set(socket, ["posts", "rate", "connectors", "jobs"]);
  socket.write(frame(JSON.stringify({ type: "hello", version: "0.1.0" })));
  socket.on("data", (data) => readFrames(socket, data));
});

const kTickMs = 50;
let owed = 0;
setInterval(() => {
  if (state.empty) return;
  owed += (state.rate * kTickMs) / 1000;
  for (; owed >= 1; owed--) {
    const post = makePost(Date.now());
    network.posts.unshift(post);
    if (++state.arrived > 1000) network.posts.splice(1000, 1); // the posts of the start stay
    broadcast({ type: "post", post }, "posts");
    if (Math.floor(owed) % 3 === 0) {
      const old = network.posts[Math.min(5, network.posts.length - 1)];
      Object.assign(
        old,
        withScore({ replies_count: old.replies_count, reblogs_count: old.reblogs_count, favourites_count: old.favourites_count + 1 }),
      );
      broadcast({ type: "counts", instance_id: old.instance_id, id: old.id, favourites_count: old.favourites_count }, "posts");
    }
  }
}, kTickMs);
setInterval(() => {
  const wobble = state.rate * (0.7 + Math.random() * 0.6);
  broadcast(
    {
      type: "rate",
      at: iso(Date.now()),
      events_per_second: Number((state.empty ? 0 : wobble).toFixed(1)),
      queue: 0,
      lag: 0,
      applied_event_id: events[0].id,
    },
    "rate",
  );
}, 1000);
setInterval(() => {
  connectors[0].events += 7;
  connectors[0].last_event_at = iso(Date.now());
  if (!state.empty) broadcast({ type: "connector", ...connectors[0] }, "connectors");
}, 3000);

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
