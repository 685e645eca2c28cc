// Linnet publishes, answers, likes, boosts, follows and deletes on a real PDS; @atproto/api looks at what came of it.
// check_acting.mjs CACHE LINNET FOLDER
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [cache, linnet, folder] = process.argv.slice(2);
const require = createRequire(join(cache, "package.json"));
const { AtpAgent, RichText } = require("@atproto/api");
const here = dirname(fileURLToPath(import.meta.url));
let passed = 0;
let failed = 0;
const expect = (what, holds) => {
  if (holds) passed += 1;
  else failed += 1;
  console.log(holds ? "ok  " : "FAIL", what);
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const pds = spawn(process.execPath, [join(here, "start.mjs"), cache], { stdio: ["pipe", "pipe", "inherit"] });
const { url } = JSON.parse(String(await new Promise((resolve) => pds.stdout.once("data", resolve))));

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
const ask = (...words) => JSON.parse(words[0] === "action" && words[1] === "do" ? byHand(words) : run(words));

const agent = new AtpAgent({ service: url });
await agent.login({ identifier: "bob.test", password: "correct-horse" });
const ada = (await agent.resolveHandle({ handle: "ada.test" })).data.did;
const bob = agent.session.did;

let wrong = "";
try {
  run(["account", "add", "bluesky", url, "--name", "ada.test", "--token"], "wrong-password");
} catch (error) {
  wrong = error.stderr;
}
expect("a wrong app password is refused in words", wrong.includes("app password is wrong"));
run(["account", "add", "bluesky", url, "--name", "ada.test", "--token"], "correct-horse");
run(["account", "settings", "ada.test", "--set", JSON.stringify({ warmUp: false, cooldown: { afterLike: 0, afterComment: 0 }, autoApprove: { comments: true, posts: true } })]);
const daemon = spawn(linnet, ["--quiet", "--data", folder, "serve", "--port", "0"], { stdio: ["ignore", "ignore", "inherit"] });

// Waits until the action is done and read back, and gives it with its evidence.
async function act(type, ...words) {
  const asked = ask("action", "do", type, "--account", "ada.test", "--approve", ...words);
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
  expect(`${type} is done and verified${fine ? "" : `: ${JSON.stringify(done.map((a) => [a.status, a.error, a.verifications]))}`}`, fine);
  return done;
}
const recordOf = async (uri) => {
  const [, , repo, collection, rkey] = uri.split("/");
  return (await agent.com.atproto.repo.getRecord({ repo, collection, rkey })).data.value;
};

const text = "Grüße 👩‍👩‍👧‍👦 an @bob.test, siehe https://example.org/ä?x=1 #Vögel 東京\u3000＃桜\u00A0@bob.test (https://example.org/b) $aapl #c++";
const [post] = await act("publish", "--text", text, "--language", "de");
const seen = await recordOf(post.result_id);
const theirs = new RichText({ text });
await theirs.detectFacets(agent);
const places = (facets) => JSON.stringify(facets.map((f) => [f.index.byteStart, f.index.byteEnd, f.features[0].$type, f.features[0].did ?? f.features[0].tag ?? f.features[0].uri]));
expect("the text arrives as it was written", seen.text === text && seen.langs[0] === "de");
expect("facets stand where the platform's own library puts them", places(seen.facets) === places(theirs.facets));

const thread = await act("publish", "--text", "One", "--text", "Two", "--text", "Three");
const third = await recordOf(thread[2].result_id);
expect("a thread hangs together", third.reply.root.uri === thread[0].result_id && third.reply.parent.uri === thread[1].result_id);

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
writeFileSync(join(folder, "dot.png"), png);
const [picture] = await act("publish", "--text", "A dot", "--media", join(folder, "dot.png"), "--alt", "a red dot");
const image = (await recordOf(picture.result_id)).embed.images[0];
expect("a picture has its shape", image.aspectRatio.width === 1 && image.aspectRatio.height === 1);
expect("a picture has its description", image.alt === "a red dot" && image.image.mimeType === "image/png");

const pages = createServer((request, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end('<title>A page</title><meta name="description" content="About &amp; around">');
});
await new Promise((resolve) => pages.listen(0, "127.0.0.1", resolve));
const page = `http://127.0.0.1:${pages.address().port}/page`;
const [carded] = await act("publish", "--text", "Read this", "--link", page);
const card = (await recordOf(carded.result_id)).embed.external;
expect("a link's card says what the page says", card.uri === page && card.title === "A page" && card.description === "About & around");
pages.close();
const [bare] = await act("publish", "--text", "Read that", "--link", page);
expect("a page that is gone leaves the address", (await recordOf(bare.result_id)).embed.external.title === page);

const theirPost = (await agent.post({ text: "Like me, answer me" })).uri;
const [like] = await act("like", "--post", theirPost);
expect("the like is there", (await recordOf(like.result_id)).subject.uri === theirPost);
const [quote] = await act("publish", "--text", "See this", "--quote", theirPost.replace(bob, "bob.test"));
expect("a quoted post is named by the DID", (await recordOf(quote.result_id)).embed.record.uri === theirPost);
const [boost] = await act("boost", "--post", theirPost);
expect("the repost is there", (await recordOf(boost.result_id)).subject.uri === theirPost);
const [reply] = await act("reply", "--post", theirPost, "--text", "Gladly");
expect("the answer is there", (await recordOf(reply.result_id)).reply.parent.uri === theirPost);
const scripted = JSON.parse(run(["action", "do", "follow", "--account", "ada.test", "--person", bob]));
expect("a script follows nobody", scripted.decision === "deny" && scripted.actions[0].error.code === "by_hand");
const [follow] = await act("follow", "--person", bob);
expect("the follow is there", (await recordOf(follow.result_id)).subject === bob);

await act("unlike", "--post", theirPost);
await act("unboost", "--post", theirPost);
await act("unfollow", "--person", bob);
await act("delete_post", "--post", post.result_id);
const left = async (collection) => (await agent.com.atproto.repo.listRecords({ repo: ada, collection })).data.records.length;
expect("what was taken back is gone", (await left("app.bsky.feed.like")) + (await left("app.bsky.feed.repost")) + (await left("app.bsky.graph.follow")) === 0);
expect("and the rest is there once", (await left("app.bsky.feed.post")) === 8);

const refused = ask("action", "do", "publish", "--account", "ada.test", "--approve", "--text", "x".repeat(301));
for (let i = 0; i < 100 && ask("action", "show", refused.actions[0].id).status === "pending"; i += 1) await sleep(100);
const long = ask("action", "show", refused.actions[0].id);
expect("301 characters are refused before they are sent", long.status === "skipped" && long.error.code === "channel_limits");
// Whoever is on the list is left alone, by whatever name they are called.
const settled = async (type, ...words) => {
  const [{ id }] = ask("action", "do", type, "--account", "ada.test", "--approve", ...words).actions;
  for (let i = 0; i < 200 && ["pending", "in_progress", "unknown"].includes(ask("action", "show", id).status); i += 1) await sleep(100);
  return ask("action", "show", id);
};
const byHandle = theirPost.replace(bob, "bob.test");
const liked = await settled("like", "--post", byHandle);
expect("a post named by its author's handle is known by the DID", liked.status === "success" && liked.target_id === theirPost);
run(["block", "add", "user", bob, "--platform", "bluesky", "--because", "asked us"]);
await sleep(2000);
const shunned = [
  await settled("boost", "--post", byHandle),
  await settled("follow", "--person", "bob.test"),
  await settled("publish", "--text", "Good morning @bob.test"),
  await settled("publish", "--text", "Look", "--quote", theirPost),
];
const isShunned = shunned.every((a) => a.status === "skipped" && a.error.code === "blocklist");
expect(`nobody on the list is boosted, followed, mentioned or quoted${isShunned ? "" : `: ${JSON.stringify(shunned.map((a) => [a.status, a.target_id, a.error]))}`}`, isShunned);
let nobody = "";
try {
  ask("action", "do", "like", "--account", "ada.test", "--post", byHandle.replace("bob.test", "nobody.test"));
} catch (error) {
  nobody = error.stdout;
}
expect("a handle that nobody has is refused in words", nobody.includes("nobody has the handle"));
const audit = ask("audit", "verify");
expect("the audit trail is whole", audit.is_whole && audit.rows > 40);

daemon.kill("SIGTERM");
pds.stdin.end();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
setTimeout(() => process.exit(), 3000).unref();
