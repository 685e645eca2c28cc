// The web app, used as people use it. See run.sh.
import { openBrowser, openPage, Report } from "./browser.mjs";
import { testAccess } from "./tests/access.mjs";
import { testBuild } from "./tests/build.mjs";
import { testEvents } from "./tests/events.mjs";
import { testHashtags } from "./tests/hashtags.mjs";
import { testHostile } from "./tests/hostile.mjs";
import { testKeyboard } from "./tests/keyboard.mjs";
import { testLive } from "./tests/live.mjs";
import { testPosts } from "./tests/posts.mjs";
import { testTrouble } from "./tests/trouble.mjs";

const base = process.argv[2];
const browser = await openBrowser();
const report = new Report();

// Steers the mock server; false if the tests run against a real program.
async function mock(command) {
  const response = await fetch(`${base}/__mock/${command}`, { method: "POST" }).catch(() => undefined);
  if (!response?.ok || !response.headers.get("content-type")?.includes("json")) return false;
  const state = await response.json().catch(() => ({}));
  return "special" in state ? state : false;
}

const api = async (path) => (await fetch(`${base}/api/v1${path}`)).json();
const isMock = (await mock("state")) !== false;
const page = await openPage(browser.context, { origin: base });
const world = {
  base,
  page,
  report,
  mock,
  isMock,
  api,
  context: browser.context,
  check: (name, run) => report.check(name, run),
  open: async (path) => {
    await page.goto(base + path);
    await page.waitForSelector("h1");
  },
};

console.log(`Testing ${base}${isMock ? " (mock)" : ""}`);
try {
  for (const test of [testBuild, testLive, testPosts, testHashtags, testEvents, testKeyboard, testHostile, testAccess, testTrouble]) {
    await test(world);
  }
} finally {
  await browser.close();
}
process.exitCode = report.finish();
