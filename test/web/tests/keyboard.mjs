import assert from "node:assert/strict";
import { until } from "../browser.mjs";

const focused = (page) =>
  page.evaluate(() => ({
    tag: document.activeElement.tagName,
    href: document.activeElement.dataset?.href ?? null,
    text: document.activeElement.textContent.slice(0, 40),
  }));

export async function testKeyboard({ check, open, page }) {
  await check("the first Tab offers to skip to the content", async () => {
    await open("/listen/posts");
    await page.keyboard.press("Tab");
    assert.match((await focused(page)).text, /Skip to the content/);
    await page.keyboard.press("Enter");
    assert.equal((await focused(page)).tag, "H1");
  });

  await check("g and six letters go to the areas, and the focus to the title of the room", async () => {
    for (const [letter, path, title] of [
      ["p", "/publish/approvals", "Approvals"],
      ["m", "/manage/accounts", "Accounts"],
      ["h", "/", "Home"],
      ["i", "/inbox/messages", "Messages"],
      ["l", "/listen/live", "Live"],
    ]) {
      await page.locator("h1").focus();
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page.waitForURL((url) => url.pathname === path);
      await until("the title has the focus", async () => {
        const now = await focused(page);
        return (now.tag === "H1" && now.text === title) || (title === "Approvals" && now.tag === "ARTICLE");
      });
    }
    await page.keyboard.press("g");
    await page.keyboard.press("e"); // Learn has no room yet
    await page.waitForTimeout(200);
    assert.equal(new URL(page.url()).pathname, "/listen/live");
  });

  await check("c begins a new post, with the focus where one writes", async () => {
    await page.keyboard.press("c");
    await page.waitForURL((url) => url.pathname === "/publish/studio");
    await until("one can write", async () => (await focused(page)).tag === "TEXTAREA");
    await page.keyboard.type("gpc");
    assert.equal(await page.locator("main textarea").first().inputValue(), "gpc");
    await page.locator("main textarea").first().fill("");
    await open("/listen/posts");
  });

  await check("j and k move through posts, Enter opens", async () => {
    await page.locator(".posts [data-item]").nth(3).waitFor();
    const hrefs = await page.locator(".posts [data-item]").evaluateAll((items) => items.slice(0, 3).map((item) => item.dataset.href));
    for (const href of hrefs) {
      await page.keyboard.press("j");
      assert.equal((await focused(page)).href, href);
    }
    await page.keyboard.press("k");
    assert.equal((await focused(page)).href, hrefs[1]);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === new URL(hrefs[1], "http://x").pathname);
  });

  await check("j and Enter open a row of a table", async () => {
    await open("/manage/system");
    await page.locator(".events tbody tr").first().waitFor();
    await page.keyboard.press("j");
    const { href } = await focused(page);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === href);
  });

  await check("/ focuses the search, Esc leaves it, letters typed there are text", async () => {
    await open("/listen/posts");
    await page.keyboard.press("/");
    assert.equal((await focused(page)).tag, "INPUT");
    await page.keyboard.type("gn?j");
    assert.equal(await page.locator("[data-search]").inputValue(), "gn?j");
    assert.equal(new URL(page.url()).pathname, "/listen/posts");
    await page.keyboard.press("Escape");
    assert.notEqual((await focused(page)).tag, "INPUT");
  });

  await check("/ in a room without a search goes to that of Posts", async () => {
    await open("/");
    await page.keyboard.press("/");
    await page.waitForURL(/\/listen\/posts/);
    await until("the search has the focus", async () => (await focused(page)).tag === "INPUT");
  });

  await check("? shows the shortcuts, Esc closes them, and they can be turned off", async () => {
    await open("/listen/posts");
    await page.keyboard.press("?");
    await page.locator("dialog.help[open]").waitFor();
    await page.keyboard.press("Escape");
    await until("it is closed", async () => (await page.locator("dialog[open]").count()) === 0);
    await page.keyboard.press("?");
    await page.getByLabel("Single keys act as shortcuts").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.waitForTimeout(200);
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await page.getByLabel("Single keys act as shortcuts").check();
    await page.keyboard.press("Escape");
  });

  await check("p lets the live list move by itself, and holds it", async () => {
    await open("/listen/live");
    const isMoving = () => page.locator("[data-moving]").getAttribute("aria-pressed");
    await page.locator("[data-moving]").waitFor();
    assert.equal(await isMoving(), "false");
    await page.keyboard.press("p");
    await until("it moves", async () => (await isMoving()) === "true");
    await page.keyboard.press("p");
    await until("it is held", async () => (await isMoving()) === "false");
  });

  await check("every control can be reached by Tab and shows it", async () => {
    await open("/manage/system");
    await page.locator(".events tbody tr").first().waitFor();
    const reached = new Set();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const element = document.activeElement;
        const marked = element.type === "radio" ? element.nextElementSibling : element;
        return {
          name:
            element.getAttribute("data-retry") !== null
              ? "retry"
              : element.getAttribute("data-replay") !== null
                ? "replay"
                : element.name || element.tagName,
          outline: getComputedStyle(marked).outlineStyle,
        };
      });
      reached.add(seen.name);
      assert.notEqual(seen.outline, "none", seen.name);
    }
    for (const name of ["retry", "replay", "failed", "kind"]) assert.ok(reached.has(name), `${name} was not reached: ${[...reached]}`);
  });
}
