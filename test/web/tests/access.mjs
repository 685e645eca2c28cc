import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openPage, settled, until } from "../browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Runs in a world of its own, beside the page and its policy.
export async function audit(page) {
  const client = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await client.send("Page.getFrameTree");
    const { executionContextId: contextId } = await client.send("Page.createIsolatedWorld", {
      frameId: frameTree.frame.id,
      worldName: "axe",
    });
    const evaluate = (expression) => client.send("Runtime.evaluate", { expression, contextId, awaitPromise: true, returnByValue: true });
    await evaluate(axe);
    const { result, exceptionDetails } = await evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })" +
        ".then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | '))))",
    );
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  } finally {
    await client.detach();
  }
}

// Where each room is, and what must stand in it before it is looked at: an empty room has no faults.
async function roomsOf({ api, isMock, mock }) {
  const post = isMock ? (await mock("state")).special : (await api("/posts?limit=1")).items[0];
  const tag = (await api("/hashtags?limit=1")).items[0];
  const event = (await api("/events?limit=1")).items[0];
  const actions = isMock
    ? { "an action": ["/publish/activity/a1", ".evidence li"], "an action that failed": ["/publish/activity/a3", ".bad-text"] }
    : {};
  return {
    Home: ["/", ".rising li"],
    Live: ["/listen/live", ".stream [data-item]"],
    Posts: ["/listen/posts?language=en", ".posts [data-item]"],
    "a post": [`/listen/posts/${post.instance_id}/${encodeURIComponent(post.id)}`, ".post"],
    "edited posts": ["/listen/posts?view=edited", ".post.edited"],
    Hashtags: ["/listen/hashtags", ".trends tbody tr"],
    "a hashtag": [`/listen/hashtags/${encodeURIComponent(tag?.name ?? "none")}`, ".posts [data-item]"],
    System: ["/manage/system", ".events tbody tr"],
    "an event": [`/manage/system/${event.id}`, ".payload"],
    Studio: ["/publish/studio", "main textarea"],
    Approvals: ["/publish/approvals", "[data-approval] .verdicts li"],
    Activity: ["/publish/activity", "main tbody tr"],
    ...actions,
    Accounts: ["/manage/accounts", "[aria-labelledby^=account-] details"],
    Rules: ["/manage/rules", "main tbody tr"],
    Audit: ["/manage/audit", "main tbody tr"],
    Messages: ["/inbox/messages", "[aria-labelledby^=thread-]"],
    People: ["/manage/people", "main li"],
    "no room": ["/nowhere", ".empty"],
  };
}

const kOfActing = ["Studio", "Approvals", "Activity", "Accounts", "Rules", "Audit", "Messages", "People"];

export async function testAccess(world) {
  const { check, open, page, context, base, isMock, mock } = world;
  if (isMock) await mock("acting");
  const rooms = await roomsOf(world);

  for (const [name, [path, content]] of Object.entries(rooms)) {
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await check(`${name}, light: no accessibility fault (axe), contrast included`, async () => {
      await open(path);
      // A real program need not have anything to show of acting; the mock has.
      if (isMock || !kOfActing.includes(name)) await page.locator(content).first().waitFor();
      for (const summary of await page.locator("main summary").all()) if (kOfActing.includes(name)) await summary.click();
      await settled(page);
      assert.deepEqual(await audit(page), []);
    });
    await check(`${name}, dark: no accessibility fault (axe), contrast included`, async () => {
      await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" }); // as it stands there
      await settled(page);
      assert.deepEqual(await audit(page), []);
    });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });

  await check("each room has its landmarks, one title, and names itself", async () => {
    const titles = new Set();
    for (const [path] of Object.values(rooms)) {
      await open(path);
      await until("the title is there", async () => (await page.title()) !== "Linnet");
      assert.equal(await page.locator("main").count(), 1);
      assert.equal(await page.locator("nav.areas[aria-label]").count(), 1);
      assert.ok((await page.locator("nav:not([aria-label])").count()) === 0);
      assert.equal(await page.locator("h1").count(), 1);
      titles.add((await page.title()).replace(/Posts · /, `${path} `));
    }
    assert.ok(titles.size >= Object.keys(rooms).length - 2, [...titles].join(", ")); // both events may be one, both actions are posts
  });

  await check("the theme button changes colours and is remembered", async () => {
    await open("/");
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    const button = page.locator("[data-theme-toggle]");
    await button.click();
    assert.equal(await ground(), light);
    await button.click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    await page.waitForSelector("h1");
    assert.equal(await ground(), dark);
    await page.locator("[data-theme-toggle]").click();
    assert.equal(await ground(), light);
  });

  await check("reduced motion is respected", async () => {
    const nameNow = async () => (
      await page.locator(".stream > li").first().waitFor(),
      page
        .locator(".stream > li")
        .first()
        .evaluate((item) => getComputedStyle(item).animationName)
    );
    await open("/listen/live");
    assert.notEqual(await nameNow(), "none", "nothing moves in any case");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open("/listen/live");
    await page.locator(".stream > li").first().waitFor();
    assert.equal(
      await page
        .locator(".stream > li")
        .first()
        .evaluate((item) => getComputedStyle(item).animationName),
      "none",
    );
    await page.emulateMedia({ reducedMotion: "no-preference" });
  });

  await check("no picture is fetched from elsewhere unless the reader asks", async () => {
    page.foreign.length = 0;
    await open("/listen/posts");
    await page.locator(".posts [data-item]").first().waitFor();
    assert.deepEqual(page.foreign, []);
    assert.equal(await page.locator("main img").count(), 0);
  });

  await check("on a phone no room scrolls sideways, and controls are large enough", async () => {
    const phone = await openPage(context, { origin: base });
    try {
      await phone.setViewportSize({ width: 360, height: 740 });
      for (const [name, [path]] of Object.entries(rooms)) {
        await phone.goto(base + path);
        await phone.waitForSelector("h1");
        await settled(phone);
        const wide = await phone.evaluate(() => ({ page: document.documentElement.scrollWidth, window: innerWidth }));
        assert.ok(wide.page <= wide.window, `${name}: ${wide.page} > ${wide.window}`);
        const cut = await phone
          .locator("main .list.compact *, main .list tbody *") // the heads of cards are for screen readers alone
          .evaluateAll((all) =>
            all.filter((one) => one.getBoundingClientRect().right > innerWidth - 14).map((one) => one.outerHTML.slice(0, 80)),
          );
        assert.deepEqual(cut, [], `${name}: beyond the edge of its table`);
        assert.ok((await phone.locator("nav a:visible").count()) > 0, `${name}: no controls`);
        const small = await phone
          .locator("nav a, .settings button, .button")
          .evaluateAll(
            (all) =>
              all.map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0 && (box.width < 24 || box.height < 24)).length,
          );
        assert.equal(small, 0, `${name}: ${small} controls under 24 px`);
      }
      assert.ok((await phone.locator("nav.areas").boundingBox()).y > 600, "the rooms are not at the bottom");
    } finally {
      await phone.close();
    }
  });

  await check("at 400 % zoom (320 px) nothing is cut off sideways", async () => {
    const narrow = await openPage(context, { origin: base });
    try {
      await narrow.setViewportSize({ width: 320, height: 256 });
      for (const [name, [path]] of Object.entries(rooms)) {
        await narrow.goto(base + path);
        await narrow.waitForSelector("h1");
        await settled(narrow);
        const wide = await narrow.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 320, `${name}: ${wide}`);
      }
    } finally {
      await narrow.close();
    }
  });
}
