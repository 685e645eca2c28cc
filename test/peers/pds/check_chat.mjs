// Linnet reads and writes direct messages through a real PDS; @atproto/api looks at what came of it.
// check_chat.mjs CACHE LINNET FOLDER
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { counter, sleep, startNetwork } from "./network.mjs";

const [cache, linnet, folder] = process.argv.slice(2);
const { AtpAgent } = createRequire(join(cache, "package.json"))("@atproto/api");
const { expect, finish } = counter();
const network = await startNetwork(cache);
process.env.LINNET_BLUESKY_CHAT = network.chat;

const run = (words, token) =>
  execFileSync(linnet, ["--quiet", "--json", "--data", folder, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...(token ? { LINNET_TOKEN: token } : {}) },
    stdio: ["ignore", "pipe", "pipe"],
  });
const ask = (...words) => JSON.parse(run(words));
async function until(what, holds, seconds = 40) {
  for (let i = 0; i < seconds * 5; i += 1) {
    const value = await what();
    if (holds(value)) return value;
    await sleep(200);
  }
  return what();
}

let base = "";
let daemon;
async function serve() {
  daemon = spawn(linnet, ["--data", folder, "serve", "--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: daemon.stdout })) {
    base = line.match(/http:\S+/)?.[0] ?? base;
    if (base) break;
  }
}
async function stopServing() {
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGTERM");
  await ended;
  base = "";
}
const api = async (path) => (await fetch(`${base}/api/v1${path}`)).json();
const account = async () => (await api("/accounts")).items[0];
const threads = async () => (await api("/threads")).items;
const messagesOf = async (id) => (await api(`/threads/${id}/messages`)).items;

async function signIn(name) {
  const agent = new AtpAgent({ service: network.url });
  await agent.login({ identifier: name, password: "correct-horse" });
  return { agent, did: agent.session.did, chat: agent.withProxy("bsky_chat", network.chat).chat.bsky.convo };
}
const ada = await signIn("ada.test");
const bob = await signIn("bob.test");
const carol = await signIn("carol.test");
const textsOf = async (person, convoId) => (await person.chat.getMessages({ convoId })).data.messages.map((m) => m.text);

const { convo } = (await bob.chat.getConvoForMembers({ members: [ada.did] })).data;
await bob.chat.sendMessage({ convoId: convo.id, message: { text: "A word from Bob to Ada" } });
const ours = (await ada.chat.sendMessage({ convoId: convo.id, message: { text: "A word that Ada takes back" } })).data;
const fromCarol = (await carol.chat.getConvoForMembers({ members: [ada.did] })).data.convo;
await carol.chat.sendMessage({ convoId: fromCarol.id, message: { text: "A word from Carol, who agreed to nothing" } });
const group = await network.control("makeGroup", carol.did, [ada.did, bob.did], "Readers");
await bob.chat.sendMessage({ convoId: group, message: { text: "A word from Bob to the group" } });
await carol.chat.sendMessage({ convoId: group, message: { text: "A word from Carol to the group" } });
const appPassword = async (privileged) =>
  (await ada.agent.com.atproto.server.createAppPassword({ name: `linnet ${privileged}`, privileged })).data.password;

async function settled(id) {
  return until(() => ask("action", "show", id), (a) => ["failed", "skipped"].includes(a.status) || a.verifications.length > 0);
}
const send = (...words) => ask("action", "do", "dm_send", "--account", "ada.test", ...words);

// --- an app password that does not cover messages
run(["account", "add", "bluesky", network.url, "--name", "ada.test", "--token"], await appPassword(false));
run(["account", "settings", "ada.test", "--set", JSON.stringify({ warmUp: false, rateLimit: { dmsPerHour: 20 }, cooldown: { afterLike: 0, afterComment: 0, afterDm: 0, afterPost: 0 } })]);
await network.control("calls", []);
await serve();
const refused = await until(account, (a) => a.messages_error);
expect("it is said what to do", /app password.*make one with/.test(refused.messages_error ?? ""), refused);
expect("the account is as well as before", refused.credential_state === "ok" && refused.is_active, refused.credential_state);
const notices = (await api("/notices")).items ?? [];
expect("a person is told", notices.some((n) => n.kind === "messages"), notices);
const early = send("--thread", convo.id, "--text", "Too early");
if (early.approval_id) run(["approve", early.approval_id]);
const tooEarly = await settled(early.actions[0].id);
expect("a message is refused in the same words", tooEarly.status === "skipped" && /make one with/.test(tooEarly.error.message), tooEarly.error);
expect("it still acts otherwise", (await account()).credential_state === "ok");
await stopServing();

// --- one that does
run(["account", "add", "bluesky", network.url, "--name", "ada.test", "--token"], await appPassword(true));
run(["consent", "grant", bob.did, "--platform", "bluesky"]);
await network.control("pageSize", 2);
await serve();
expect("signing in again clears what was said", (await account()).messages_error === null);
const read = await until(threads, (list) => list.length === 3 && list.some((t) => t.last_message_at));
const withBob = read.find((t) => t.participant_id === bob.did);
const withCarol = read.find((t) => t.participant_id === carol.did);
const readers = read.find((t) => t.platform_thread_id === group);
expect("conversations are read, on several pages", withBob && withCarol && readers && read.length === 3, read);
expect("each says with whom", withBob?.participant_username === "bob.test" && withBob?.has_consent && withCarol?.participant_username === "carol.test" && !withCarol?.has_consent);
const texts = async (thread) => (await messagesOf(thread.id)).map((m) => m.text);
const both = await until(() => texts(withBob), (list) => list.length === 2);
expect("what both wrote is kept under consent, oldest first", JSON.stringify(both) === JSON.stringify(["A word from Bob to Ada", "A word that Ada takes back"]), both);
expect("what Carol wrote is not", (await texts(withCarol)).length === 0);
expect("a group shows what those wrote who agreed", JSON.stringify(await until(() => texts(readers), (list) => list.length === 1)) === JSON.stringify(["A word from Bob to the group"]));
expect("and is called so", readers.participant_username === "group «Readers»" && readers.participant_id === "", readers);
const database = process.env.LINNET_DB;
const bytes = database
  ? [execFileSync("pg_dump", ["--dbname", database], { maxBuffer: 1 << 28 })]
  : readdirSync(folder).filter((name) => name.includes(".db")).map((name) => readFileSync(join(folder, name)));
expect("nothing of it lies there in clear", bytes.some((part) => part.includes("bob.test")) && bytes.every((part) => !part.includes("word from")));

// --- answers
const reply = send("--thread", convo.id, "--text", "Gladly, @bob.test: https://example.org/ä");
expect("an answer waits for a person", reply.decision === "hold" && reply.approval_id);
expect("until then nothing is sent", !(await textsOf(bob, convo.id)).includes("Gladly, @bob.test: https://example.org/ä"));
run(["approve", reply.approval_id]);
const replied = await settled(reply.actions[0].id);
expect("approved, it is sent and read back", replied.status === "success" && replied.verifications[0].verified, [replied.error, replied.verifications]);
const [seen] = (await bob.chat.getMessages({ convoId: convo.id, limit: 1 })).data.messages;
expect("Bob's own client sees it", seen.id === replied.result_id && seen.sender.did === ada.did && seen.text.startsWith("Gladly"));
expect("with its facets", seen.facets?.length === 2 && seen.facets[0].features[0].did === bob.did && seen.facets[1].features[0].uri === "https://example.org/ä", seen.facets);
const toGroup = send("--thread", group, "--text", "To all of you");
if (toGroup.approval_id) run(["approve", toGroup.approval_id]);
const grouped = await settled(toGroup.actions[0].id);
expect("a group is not written to", grouped.status === "skipped" && /one person at a time/.test(grouped.error.message), grouped.error);

// --- an answer of the service that is lost
const sends = async () => (await network.control("calls")).filter((c) => c.method === "sendMessage" && c.viewer === ada.did).length;
const before = await sends();
await network.control("fault", { method: "sendMessage", after: true });
const lost = send("--thread", convo.id, "--text", "Said once");
run(["approve", lost.approval_id]);
const found = await settled(lost.actions[0].id);
expect("what was sent without an answer is found", found.status === "success" && found.verifications[0].verified, [found.status, found.error]);
expect("and not sent again", (await sends()) === before + 1 && (await textsOf(bob, convo.id)).filter((t) => t === "Said once").length === 1);

// --- first contact
const stranger = await (async () => {
  const answer = await fetch(`${network.url}/xrpc/com.atproto.server.createAccount`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "dora@mail.test", handle: "dora.test", password: "correct-horse" }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return signIn("dora.test");
})();
await network.control("allow", stranger.did, "none");
const unwanted = send("--person", "dora.test", "--approve", "--text", "Good day");
expect("the first message waits whatever was asked", unwanted.decision === "hold" && unwanted.approval_id);
run(["approve", unwanted.approval_id]);
const turned = await settled(unwanted.actions[0].id);
expect("who takes no messages gets none, and the reason is said", turned.status === "skipped" && /take no messages/.test(turned.error.message), turned.error);
expect("not even an empty conversation", (await stranger.chat.listConvos()).data.convos.length === 0);
await network.control("allow", stranger.did, "all");
const first = send("--person", "dora.test", "--text", "Good day to you");
run(["approve", first.approval_id]);
const contacted = await settled(first.actions[0].id);
expect("who takes them gets it after approval", contacted.status === "success" && contacted.verifications[0].verified, [contacted.status, contacted.error]);
const request = (await stranger.chat.listConvos()).data.convos[0];
expect("as a request", request?.status === "request" && request.lastMessage.text === "Good day to you");

// --- reading
await bob.chat.sendMessage({ convoId: convo.id, message: { text: "One more" } });
const asked = ask("action", "do", "dm_read", "--account", "ada.test", "--thread", convo.id);
const marked = await until(() => ask("action", "show", asked.actions[0].id), (a) => ["success", "failed", "skipped"].includes(a.status));
expect("a conversation is marked as read", marked.status === "success" && (await ada.chat.getConvo({ convoId: convo.id })).data.convo.unreadCount === 0, [marked.status, marked.error]);

// --- a limit of the service, last: Linnet then waits with all it asks
await network.control("fault", { method: "sendMessage", status: 429, error: "RateLimitExceeded" });
const limited = send("--thread", convo.id, "--text", "Later");
run(["approve", limited.approval_id]);
const put = await until(() => ask("action", "show", limited.actions[0].id), (a) => a.error?.code === "rate_limited");
expect("a limit puts it off", put.status === "pending" && put.error.code === "rate_limited", [put.status, put.error]);
run(["action", "cancel", limited.actions[0].id]);

// --- what is taken back
await stopServing();
await ada.chat.deleteMessageForSelf({ convoId: convo.id, messageId: ours.id });
await ada.chat.leaveConvo({ convoId: fromCarol.id });
await serve();
const later = await until(() => messagesOf(withBob.id), (list) => list.some((m) => m.is_redacted) && list.length >= 4);
expect("what Ada deleted there is redacted here", later.filter((m) => m.is_redacted).length === 1, later);
expect("what Linnet sent is part of the conversation", later.some((m) => m.text === "Said once" && m.is_from_us));
run(["consent", "revoke", bob.did, "--platform", "bluesky"]);
const redacted = await messagesOf(withBob.id);
expect("taken back, what Bob wrote is redacted", redacted.filter((m) => !m.is_from_us).length >= 2 && redacted.every((m) => m.is_from_us || m.is_redacted), redacted);
expect("in the group as well", (await messagesOf(readers.id)).every((m) => m.is_redacted));
const audit = ask("audit", "verify");
expect("the audit trail is whole", audit.is_whole && audit.rows > 10);

await stopServing();
network.stop();
finish();
