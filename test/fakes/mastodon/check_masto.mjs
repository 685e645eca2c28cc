// Drives the fake with masto.js, a client that knows nothing of it: check_masto.mjs BASE_URL NODE_MODULES
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import path from "node:path";
import { createHash, randomBytes } from "node:crypto";

const [base, modules] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "x.js"));
const { createRestAPIClient, createStreamingAPIClient, createOAuthAPIClient } = require("masto");
const WebSocket = require("ws");
const outOfBand = "urn:ietf:wg:oauth:2.0:oob";
const kWaitMs = 10000;

let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`ok masto.js ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`FAIL masto.js ${name}: ${String(problem.stack || problem).replaceAll("\n", " | ")}`);
  }
}

function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${kWaitMs} ms`)), kWaitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let accessToken;
let rest;

await check("register, log in with PKCE by redirect", async () => {
  const stranger = createRestAPIClient({ url: base });
  const redirectUri = "http://127.0.0.1:9/callback";
  const app = await stranger.v1.apps.create({ clientName: "check", redirectUris: redirectUri, scopes: "read write follow" });
  assert.ok(app.clientId && app.clientSecret);
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL("/oauth/authorize", base);
  url.search = new URLSearchParams({
    client_id: app.clientId, redirect_uri: redirectUri, response_type: "code", scope: "read write follow", state: "s1",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256", login_as: "bob",
  });
  const answer = await fetch(url, { redirect: "manual" });
  assert.equal(answer.status, 302);
  const back = new URL(answer.headers.get("location"));
  assert.equal(back.searchParams.get("state"), "s1");
  const oauth = createOAuthAPIClient({ url: base });
  const token = await oauth.token.create({
    clientId: app.clientId, clientSecret: app.clientSecret, redirectUri, grantType: "authorization_code",
    code: back.searchParams.get("code"), codeVerifier: verifier, scope: "read write follow",
  });
  assert.equal(token.tokenType, "Bearer");
  accessToken = token.accessToken;
  rest = createRestAPIClient({ url: base, accessToken });
  assert.equal((await rest.v1.accounts.verifyCredentials()).acct, "bob");
});

await check("client credentials, and no user behind them", async () => {
  const app = await createRestAPIClient({ url: base }).v1.apps.create({ clientName: "app", redirectUris: outOfBand, scopes: "read" });
  const token = await createOAuthAPIClient({ url: base }).token.create({
    clientId: app.clientId, clientSecret: app.clientSecret, redirectUri: outOfBand, grantType: "client_credentials", scope: "read",
  });
  const client = createRestAPIClient({ url: base, accessToken: token.accessToken });
  assert.equal((await client.v1.apps.verifyCredentials()).name, "app");
  await assert.rejects(async () => client.v1.timelines.home.list(), (e) => e.statusCode === 422);
  await assert.rejects(client.v1.statuses.create({ status: "no" }), (e) => e.statusCode === 403);
});

await check("instance v1 and v2", async () => {
  const instance = await rest.v2.instance.fetch();
  assert.match(instance.configuration.urls.streaming, /^ws:/);
  assert.equal((await rest.v1.instance.fetch()).version, instance.version);
});

await check("errors are told apart", async () => {
  await assert.rejects(rest.v1.statuses.$select("1").fetch(), (e) => e.statusCode === 404 && e.message === "Record not found");
  const wrong = createRestAPIClient({ url: base, accessToken: "wrong" });
  await assert.rejects(async () => wrong.v1.timelines.home.list(), (e) => e.statusCode === 401);
  await assert.rejects(rest.v1.statuses.create({ status: "x".repeat(501) }), (e) => e.statusCode === 422 && /500/.test(e.message));
});

await check("post, edit, history, delete", async () => {
  const status = await rest.v1.statuses.create({ status: "Hi #linnet", visibility: "public", language: "en" });
  assert.deepEqual(status.tags.map((t) => t.name), ["linnet"]);
  const edited = await rest.v1.statuses.$select(status.id).update({ status: "Hi again #linnet" });
  assert.ok(edited.editedAt && /again/.test(edited.content));
  assert.equal((await rest.v1.statuses.$select(status.id).history.list()).length, 2);
  await rest.v1.statuses.$select(status.id).remove();
  await assert.rejects(rest.v1.statuses.$select(status.id).fetch(), (e) => e.statusCode === 404);
});

await check("idempotency key", async () => {
  const ids = [];
  for (let n = 0; n < 2; n += 1) {
    const answer = await fetch(`${base}/api/v1/statuses`, {
      method: "POST", body: JSON.stringify({ status: "Once" }),
      headers: { "Idempotency-Key": "masto-1", "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` },
    });
    ids.push((await answer.json()).id);
  }
  assert.equal(ids[0], ids[1]);
});

await check("favourite, boost, context, poll", async () => {
  const status = await rest.v1.statuses.create({ status: "Like me", poll: { options: ["a", "b"], expiresIn: 600 } });
  const chosen = rest.v1.statuses.$select(status.id);
  assert.deepEqual(status.poll.options.map((o) => o.title), ["a", "b"]);
  assert.equal((await chosen.favourite()).favouritesCount, 1);
  assert.equal((await chosen.unfavourite()).favouritesCount, 0);
  assert.equal((await chosen.reblog()).reblog.reblogsCount, 1);
  assert.equal((await chosen.unreblog()).reblogsCount, 0);
  const reply = await rest.v1.statuses.create({ status: "Reply", inReplyToId: status.id });
  assert.deepEqual((await chosen.context.fetch()).descendants.map((s) => s.id), [reply.id]);
});

await check("paging by Link header", async () => {
  const made = [];
  for (let n = 0; n < 7; n += 1) made.push((await rest.v1.statuses.create({ status: `Page ${n} #mastopaging` })).id);
  const seen = [];
  for await (const page of rest.v1.timelines.tag.$select("mastopaging").list({ limit: 3 })) seen.push(...page.map((s) => s.id));
  assert.deepEqual(seen, made.reverse());
});

await check("batch by ids", async () => {
  const one = await rest.v1.statuses.create({ status: "Batch one" });
  const two = await rest.v1.statuses.create({ status: "Batch two" });
  const found = await rest.v1.statuses.list({ id: [two.id, one.id, "1"] });
  assert.deepEqual(found.map((s) => s.id).sort(), [one.id, two.id].sort());
});

await check("follow, lists, home, accounts", async () => {
  const alice = await rest.v1.accounts.lookup({ acct: "alice" });
  assert.equal((await rest.v1.accounts.$select(alice.id).follow()).following, true);
  const list = await rest.v1.lists.create({ title: "friends" });
  await rest.v1.lists.$select(list.id).accounts.create({ accountIds: [alice.id] });
  const other = createRestAPIClient({ url: base, accessToken: "test-token-alice" });
  const status = await other.v1.statuses.create({ status: "Seen by followers" });
  assert.equal((await rest.v1.timelines.list.$select(list.id).list({ limit: 1 }))[0].id, status.id);
  assert.ok((await rest.v1.timelines.home.list()).some((s) => s.id === status.id));
  assert.ok((await rest.v1.accounts.$select(alice.id).statuses.list({ limit: 1 })).length === 1);
  await rest.v1.lists.$select(list.id).remove();
});

async function hear(streaming, open, act, kinds) {
  const heard = [];
  const done = (async () => {
    for await (const event of open(streaming)) {
      heard.push(event.event);
      if (kinds.every((kind) => heard.includes(kind))) return;
    }
  })();
  // masto.js connects when first asked for an event, some time after: act again until it is there to hear.
  let finished = false;
  const watched = within(done, `of ${kinds} heard`).finally(() => { finished = true; });
  watched.catch(() => {});
  while (!finished) {
    await act();
    await pause(300);
  }
  await watched;
}

for (const [name, insecure] of [["by Sec-WebSocket-Protocol", false], ["by query", true]]) {
  await check(`streaming, token ${name}`, async () => {
    const { configuration } = await rest.v2.instance.fetch();
    const client = () => createStreamingAPIClient({
      streamingApiUrl: configuration.urls.streaming, accessToken, implementation: WebSocket, useInsecureAccessToken: insecure,
    });
    const act = async () => {
      const status = await rest.v1.statuses.create({ status: "Streamed #mastostream" });
      await rest.v1.statuses.$select(status.id).update({ status: "Streamed, edited #mastostream" });
      await rest.v1.statuses.$select(status.id).remove();
    };
    const kinds = ["update", "status.update", "delete"];
    for (const open of [(s) => s.public.subscribe(), (s) => s.public.local.subscribe(), (s) => s.user.subscribe(),
      (s) => s.hashtag.subscribe({ tag: "mastostream" })]) {
      const streaming = client();
      try {
        await hear(streaming, open, act, kinds);
      } finally {
        streaming.close();
      }
    }
  });
}

await check("streaming without a token is refused", async () => {
  const socket = new WebSocket(`${base.replace("http", "ws")}/api/v1/streaming?stream=public`);
  const status = await within(new Promise((resolve, reject) => {
    socket.on("unexpected-response", (_, answer) => resolve(answer.statusCode));
    socket.on("open", () => reject(new Error("it opened")));
    socket.on("error", () => {});
  }), "refusal");
  assert.equal(status, 401);
});

process.exit(failed ? 1 : 0);
