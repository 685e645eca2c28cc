// Linnet publishes, answers, likes, boosts, follows, writes to people and takes it back; masto.js looks at what came of it.
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import path from "node:path";

const [server, linnet, folder, modules] = process.argv.slice(2);
const { createRestAPIClient } = createRequire(path.join(path.resolve(modules), "x.js"))("masto");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let passed = 0;
let failed = 0;
function expect(what, holds, seen) {
  holds ? (passed += 1) : (failed += 1);
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds || seen === undefined ? "" : `: ${JSON.stringify(seen)}`}`);
}

const run = (words, token) =>
  execFileSync(linnet, ["--quiet", "--json", "--data", folder, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...(token ? { LINNET_TOKEN: token } : {}) },
    stdio: ["ignore", "pipe", "pipe"],
  });
// At a terminal, as a person: what is done by hand alone is refused from a script.
const inQuotes = (word) => `'${word.replaceAll("'", "'\\''")}'`;
const byHand = (words) =>
  execFileSync("script", ["-qec", [linnet, "--quiet", "--json", "--data", folder, ...words].map(inQuotes).join(" "), "/dev/null"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const ask = (...words) => JSON.parse(run(words));

async function act(type, ...words) {
  const asked = JSON.parse(byHand(["action", "do", type, "--account", "alice", "--approve", ...words]));
  if (asked.approval_id) run(["approve", asked.approval_id]);
  const done = [];
  for (const { id } of asked.actions) {
    for (let i = 0; i < 200; i += 1) {
      const action = ask("action", "show", id);
      if (["failed", "skipped"].includes(action.status) || action.verifications.length > 0) {
        done.push(action);
        break;
      }
      await sleep(100);
    }
  }
  const fine = done.length === asked.actions.length && done.every((a) => a.status === "success" && a.verifications[0].verified);
  expect(`${type} is done and verified`, fine, done.map((a) => [a.status, a.error, a.verifications]));
  return done;
}

const alice = createRestAPIClient({ url: server, accessToken: "test-token-alice" });
const bob = createRestAPIClient({ url: server, accessToken: "test-token-bob" });
const me = await alice.v1.accounts.verifyCredentials();
const him = await bob.v1.accounts.verifyCredentials();
const theirs = await bob.v1.statuses.create({ status: "Who has seen the tide tables?" });
const status = (id) => alice.v1.statuses.$select(id).fetch();
const isGone = async (id) => status(id).then(() => false, (error) => error.statusCode === 404);

run(["account", "add", "mastodon", server, "--act", "--token", "--stream", "public"], "test-token-alice");
run(["account", "settings", "alice", "--set", JSON.stringify({ warmUp: false, cooldown: { afterLike: 0, afterComment: 0, afterDm: 0 } })]);
const daemon = spawn(linnet, ["--quiet", "--data", folder, "serve", "--port", "0"], { stdio: ["ignore", "ignore", "inherit"] });

try {
  const text = "Grüße an @bob, siehe https://example.org/ä?x=1 #Vögel 👩‍👩‍👧‍👦";
  const [post] = await act("publish", "--text", text, "--language", "de", "--warning", "birds", "--visibility", "unlisted");
  const seen = await status(post.result_id);
  const source = await alice.v1.statuses.$select(post.result_id).source.fetch();
  expect("the text arrives as it was written", source.text === text, source.text);
  expect("with its warning, language and audience", seen.spoilerText === "birds" && seen.language === "de" && seen.visibility === "unlisted");
  expect("whom it mentions is mentioned", seen.mentions.some((m) => m.id === him.id));

  const thread = await act("publish", "--text", "One", "--text", "Two", "--text", "Three");
  const posts = await Promise.all(thread.map((a) => status(a.result_id)));
  expect("a thread hangs together", posts[1].inReplyToId === posts[0].id && posts[2].inReplyToId === posts[1].id);

  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  writeFileSync(`${folder}/dot.png`, pixel);
  const [picture] = await act("publish", "--text", "Look", "--media", `${folder}/dot.png`, "--alt", "A red dot");
  const shown = await status(picture.result_id);
  expect("a picture has its description", shown.mediaAttachments.length === 1 && shown.mediaAttachments[0].description === "A red dot");

  const [poll] = await act("publish", "--text", "Which boat?", "--poll", "Red", "--poll", "Blue", "--poll-hours", "6");
  expect("a poll has its answers", (await status(poll.result_id)).poll.options.map((o) => o.title).join() === "Red,Blue");

  await act("like", "--post", theirs.id);
  expect("the like is there", (await status(theirs.id)).favourited === true);
  await act("boost", "--post", theirs.id);
  expect("the boost is there", (await status(theirs.id)).reblogged === true);
  const [reply] = await act("reply", "--post", theirs.id, "--text", "They hang at the harbour");
  const answer = await status(reply.result_id);
  expect("the answer is there", answer.inReplyToId === theirs.id && answer.content.includes("They hang at the harbour"));
  await act("follow", "--person", him.id);
  const [relation] = await alice.v1.accounts.relationships.fetch({ id: [him.id] });
  expect("the follow is there", relation.following === true);

  const [edited] = await act("edit_post", "--post", post.result_id, "--text", "Grüße, noch einmal");
  expect("the edit is there", (await alice.v1.statuses.$select(edited.target_id).source.fetch()).text === "Grüße, noch einmal");

  const [message] = await act("dm_send", "--person", him.id, "--text", "Shall I send them?");
  const direct = await bob.v1.statuses.$select(message.result_id).fetch();
  expect("the message reaches him, and him alone", direct.visibility === "direct" && direct.mentions.map((m) => m.id).join() === him.id);

  await act("unlike", "--post", theirs.id);
  await act("unboost", "--post", theirs.id);
  await act("unfollow", "--person", him.id);
  const after = await status(theirs.id);
  const [now] = await alice.v1.accounts.relationships.fetch({ id: [him.id] });
  expect("what was taken back is gone", !after.favourited && !after.reblogged && !now.following, [after.favourited, after.reblogged, now.following]);
  await act("delete_post", "--post", picture.result_id);
  expect("a deleted post is gone", await isGone(picture.result_id));
  const mine = await alice.v1.accounts.$select(me.id).statuses.list({ limit: 40 });
  expect("and each of the rest is there once", mine.filter((s) => ["One", "Two", "Three"].some((t) => s.content.includes(`>${t}<`))).length === 3);
} catch (error) {
  expect(`the walk: ${error.stderr ?? ""}${error.stdout ?? ""}${error.stack}`, false);
}
daemon.kill();
const audit = ask("audit", "verify");
expect("the audit trail is whole", audit.is_whole ?? audit.ok ?? audit.whole, audit);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
