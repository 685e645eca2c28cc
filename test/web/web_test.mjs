// The web app, used as people use it. See run.sh.
import { openBrowser, openPage, Report } from "./browser.mjs";
import { testAccess } from "./tests/access.mjs";
import { testApprovals } from "./tests/approvals.mjs";
import { testBuild } from "./tests/build.mjs";
import { testDictionary } from "./tests/dictionary.mjs";
import { testEvents } from "./tests/events.mjs";
import { testFollowing } from "./tests/following.mjs";
import { testForms } from "./tests/forms.mjs";
import { testFrame } from "./tests/frame.mjs";
import { testHashtags } from "./tests/hashtags.mjs";
import { testHostile } from "./tests/hostile.mjs";
import { testKeyboard } from "./tests/keyboard.mjs";
import { testLive } from "./tests/live.mjs";
import { testPalette } from "./tests/palette.mjs";
import { testPosts } from "./tests/posts.mjs";
import { testTable } from "./tests/table.mjs";
import { testTrouble } from "./tests/trouble.mjs";
import { testWords } from "./tests/words.mjs";
import { testWriting } from "./tests/writing.mjs";

const base = process.argv[2];
const chosen = process.env.LINNET_WEB_TESTS?.split(","); // "approvals,writing": those alone
const browser = await openBrowser();

// Steers the mock server; false if the tests run against a real program.
async function mock(command) {
  const response = await fetch(`${base}/__mock/${command}`, { method: "POST" }).catch(() => undefined);
  const state = await response?.json().catch(() => undefined); // what is not read to its end keeps its connection
  return response?.ok && state && "special" in state ? state : false;
}

const api = async (path) => (await fetch(`${base}/api/v1${path}`)).json();
const isMock = (await mock("state")) !== false;
const report = new Report(isMock);
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
  // As a browser that was never here: drafts and choices are gone. The app is not in that page, and so keeps nothing.
  forget: async () => {
    await page.goto(`${base}/icon.svg`);
    await page.evaluate(() => localStorage.clear());
    await mock("drafts?forget=1");
  },
  open: async (path) => {
    await page.goto(base + path);
    await page.waitForSelector("h1");
  },
};

// What rooms do, which must hold on a phone as well; the others look at both widths by themselves, or are of keys alone.
const kOnPhone = ["live", "posts", "hashtags", "events", "approvals", "forms", "following", "writing"];
const isPhone = process.env.LINNET_WEB_WIDTH === "390";
const isWanted = (name) => (chosen?.includes(name) ?? true) && (!isPhone || kOnPhone.includes(name));

console.log(`Testing ${base}${isMock ? " (mock)" : ""}${isPhone ? ", 390 px wide" : ""}`);
try {
  const all = {
    testBuild,
    testFrame,
    testLive,
    testPosts,
    testHashtags,
    testEvents,
    testKeyboard,
    testApprovals,
    testWords,
    testDictionary,
    testPalette,
    testTable,
    testForms,
    testFollowing,
    testWriting,
    testHostile,
    testAccess,
    testTrouble,
  };
  for (const [name, test] of Object.entries(all)) {
    if (isWanted(name.slice(4).toLowerCase())) await test(world);
  }
} finally {
  await browser.close();
}
process.exit(report.finish()); // what a browser or a connection leaves behind keeps nobody waiting
