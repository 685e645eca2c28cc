import assert from "node:assert/strict";
import { until } from "../browser.mjs";
import { audit } from "./access.mjs";

const kAreas = ["Home", "Listen", "Inbox", "Publish", "Manage"]; // Learn has no room yet
const kTabs = {
  "/listen/live": ["Live", "Posts", "Hashtags"],
  "/publish/approvals": ["Studio", "Approvals", "Activity"],
  "/manage/accounts": ["Accounts", "Rules", "People", "Audit", "System"],
};
// Addresses of before the areas, and where they lead.
const kMoved = {
  "/posts?query=sea": "/listen/posts?query=sea",
  "/posts/1/none-such": "/listen/posts/1/none-such",
  "/hashtags": "/listen/hashtags",
  "/hashtags/birds?hours=168": "/listen/hashtags/birds?hours=168",
  "/events?failed=true": "/manage/system?failed=true",
  "/events/1": "/manage/system/1",
  "/write?reply=9": "/publish/studio?reply=9",
  "/approvals": "/publish/approvals",
  "/actions?status=failed": "/publish/activity?status=failed",
  "/actions/a1": "/publish/activity/a1",
  "/accounts#add-account": "/manage/accounts#add-account",
  "/rules": "/manage/rules",
  "/audit": "/manage/audit",
  "/people": "/manage/people",
  "/inbox": "/inbox/messages",
  "/listen": "/listen/live",
  "/publish": "/publish/approvals",
  "/manage": "/manage/accounts",
};

// The words of the areas that can be seen, each with whether it is whole and in one line.
const labels = (page) =>
  page.locator("nav.areas > ul .name").evaluateAll((all) =>
    all
      .map((one) => ({ one, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0)
      .map(({ one, box }) => ({
        name: one.textContent,
        lines: one.getClientRects().length === 1 && box.height < 1.9 * parseFloat(getComputedStyle(one).fontSize),
        left: box.left,
        inside: box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
      })),
  );

export async function testFrame({ check, open, page, context, base, isMock, mock }) {
  if (isMock) await mock("acting");

  await check("no area's name breaks, also while something waits, and each shows its rooms as tabs", async () => {
    for (const [path, tabs] of Object.entries(kTabs)) {
      await open(path);
      if (isMock) await page.locator("nav.areas .badge").first().waitFor();
      const seen = await labels(page);
      assert.deepEqual(
        seen.map((one) => one.name),
        kAreas,
      );
      assert.deepEqual(
        seen.filter((one) => !one.lines || !one.inside),
        [],
      );
      const lefts = await page
        .locator("nav.areas > ul a")
        .evaluateAll((all) => [...new Set(all.map((one) => one.getBoundingClientRect().left))]);
      assert.equal(lefts.length, 1, `areas begin at ${lefts}`);
      const icons = await page
        .locator("nav.areas > ul svg")
        .evaluateAll((all) => [...new Set(all.map((one) => one.getBoundingClientRect().width).filter(Boolean))]);
      assert.equal(icons.length, 1, `icons of ${icons.join(" and ")} px`);
      const names = await page.locator("nav.tabs a").evaluateAll((all) => all.map((one) => one.firstChild.textContent));
      assert.deepEqual(names, tabs);
      assert.equal(await page.locator("nav.tabs a[aria-current=page]").count(), 1);
      assert.equal(await page.locator("nav.areas > ul a[aria-current=page]").count(), 1);
    }
  });

  await check("addresses of before the areas lead to where their rooms are now, with all behind the path", async () => {
    for (const [before, now] of Object.entries(kMoved)) {
      await page.goto(base + before, { waitUntil: "commit" });
      await page.waitForSelector("h1");
      await until(`${before} leads to ${now}`, () =>
        page.evaluate((wanted) => location.pathname + location.search + location.hash === wanted, now),
      );
    }
    await open("/");
    await page.evaluate(() => {
      const link = document.createElement("a");
      link.href = "/rules";
      link.id = "old-link";
      link.textContent = "old";
      document.querySelector("main").append(link);
    });
    await page.locator("#old-link").click();
    await page.getByRole("heading", { name: "Rules", level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/manage/rules");
    await page.goBack();
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
  });

  await check("a room whose script is gone says so, and offers to load Linnet again", async () => {
    const left = await context.newPage();
    await left.route(/\/Audit-[^/]*\.js/, (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<html></html>" }));
    await left.goto(`${base}/manage/audit`);
    await left.getByText("This page could not be loaded").waitFor();
    await left.unroute(/\/Audit-[^/]*\.js/);
    await left.getByRole("button", { name: "Load Linnet again" }).click();
    await left.getByRole("heading", { name: "Audit", level: 1 }).waitFor();
    await left.close();
  });

  await check("«Stop publishing» stands in Publish and at Home, asks first, and lets go again", async () => {
    if (!isMock) return { skip: "a real program is not stopped here; acting.sh does" };
    await open("/listen/live");
    assert.equal(await page.locator("[data-stop]").count(), 0);
    await open("/");
    await page.locator("[data-stop]").waitFor();
    await open("/publish/activity");
    await page.locator("[data-stop]").click();
    await page.getByRole("dialog").getByRole("button", { name: "Not now" }).click();
    assert.equal((await mock("state")).stopped, false);
    await page.locator("[data-stop]").click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop publishing" }).click();
    await page.getByText("Publishing is stopped.").waitFor();
    await open("/listen/posts");
    await page.getByText("Publishing is stopped.").waitFor(); // in every room
    await page.locator("[data-resume]").click();
    await page.getByText("Publishing is stopped.").waitFor({ state: "detached" });
    assert.equal((await mock("state")).stopped, false);
  });

  for (const width of [390, 320]) {
    await check(`on a phone of ${width} px a bar has the near areas, and «More» the rooms of the far ones, by keyboard too`, async () => {
      const phone = await context.newPage();
      try {
        await phone.setViewportSize({ width, height: 700 });
        await phone.goto(`${base}/manage/rules`);
        await phone.waitForSelector("h1");
        if (isMock) await phone.locator("nav.areas .badge").first().waitFor();
        const closed = (await labels(phone)).sort((a, b) => a.left - b.left);
        assert.deepEqual(
          closed.map((one) => one.name),
          ["Home", "Listen", "Publish", "Inbox", "More"],
        );
        assert.deepEqual(
          closed.filter((one) => !one.lines || !one.inside),
          [],
        );
        assert.ok((await phone.locator("nav.areas > ul").boundingBox()).y > 600, "the bar is not at the bottom");
        assert.ok(await phone.locator("[data-new-post]").isVisible());
        assert.ok(await phone.locator("[data-palette]").isVisible());
        const more = phone.locator("[data-more]");
        await more.focus();
        await phone.keyboard.press("Enter");
        assert.equal(await more.getAttribute("aria-expanded"), "true");
        await phone.locator("nav.tabs a[aria-current=page]").waitFor();
        assert.deepEqual(await phone.locator(".more-sheet a").allTextContents(), kTabs["/manage/accounts"]);
        assert.ok(await phone.locator(".more-sheet [data-theme-toggle]").isVisible());
        await until("the first room has the focus", () => phone.evaluate(() => document.activeElement.textContent === "Accounts"));
        assert.deepEqual(await audit(phone), []);
        await phone.keyboard.press("Escape");
        assert.equal(await more.getAttribute("aria-expanded"), "false");
        assert.ok(await more.evaluate((button) => button === document.activeElement));
        await more.click();
        await phone.locator(".more-sheet").getByRole("link", { name: "People" }).click();
        await phone.waitForURL((url) => url.pathname === "/manage/people");
        await phone.goto(`${base}/manage/system`);
        await phone.locator("nav.tabs a[aria-current=page]").waitFor();
        await until("the open tab is in sight", async () => {
          const { x, width: wide } = await phone.locator("nav.tabs a[aria-current=page]").boundingBox();
          return x >= 0 && x + wide <= width;
        });
        await until("it is closed again", async () => (await more.getAttribute("aria-expanded")) === "false");
      } finally {
        await phone.close();
      }
    });
  }

  await check("who has not signed in sees where to, and nothing else", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await mock("stranger?on=1");
    try {
      await open("/manage/rules");
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      assert.equal(await page.locator("nav, [data-live], [data-stop]").count(), 0);
      assert.equal(await page.locator("main").count(), 1);
      assert.deepEqual(await audit(page), []);
    } finally {
      await mock("stranger?on=0");
    }
  });
}
