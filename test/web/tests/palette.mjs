import assert from "node:assert/strict";
import { until } from "../browser.mjs";
import { audit } from "./access.mjs";

export async function testPalette({ check, open, page, mock, isMock, api }) {
  const dialog = page.locator("dialog.palette");
  const box = dialog.getByRole("combobox");
  const isClosed = () => until("it is closed", async () => (await dialog.count()) === 0);
  const show = async (typed = "") => {
    await isClosed();
    await page.keyboard.press("Control+k");
    await dialog.waitFor();
    if (typed) await box.fill(typed);
  };
  const offers = () => dialog.getByRole("option").locator(".offer").allInnerTexts();

  await check("Ctrl K finds a room by its name, by other words, and by its area, and Enter goes there", async () => {
    await open("/");
    for (const [typed, path] of [
      ["appr", "/publish/approvals"],
      ["blocklist", "/manage/rules"],
      ["compose", "/publish/studio"],
      ["manage au", "/manage/audit"],
      ["hásht", "/listen/hashtags"],
    ]) {
      await show(typed);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.pathname === path);
      await isClosed();
    }
  });

  await check("it opens while somebody types, closes by Esc and gives the focus back, and types nothing", async () => {
    await open("/listen/posts");
    await page.locator("[data-search]").fill("sea");
    await show();
    await page.keyboard.press("Escape");
    await isClosed();
    assert.equal(await page.locator("[data-search]").inputValue(), "sea");
    await until("the focus is back", () => page.evaluate(() => document.activeElement.matches("[data-search]")));
  });

  await check("arrows choose, the chosen one is told, and the button opens it too", async () => {
    await open("/");
    await page.locator("[data-palette]").click();
    await dialog.waitFor();
    const chosen = () =>
      page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent);
    const first = await chosen();
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await chosen(), first);
    await page.keyboard.press("ArrowUp");
    assert.equal(await chosen(), first);
    await page.keyboard.press("ArrowUp"); // around
    assert.equal(await dialog.getByRole("option").last().getAttribute("aria-selected"), "true");
    assert.deepEqual(await audit(page), []);
    await page.keyboard.press("Escape");
  });

  await check("it does things: colours change, a new post is begun", async () => {
    await open("/");
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await show("dark");
    await page.keyboard.press("Enter");
    await until("it is dark", async () => (await ground()) !== light);
    await show("colours as");
    await page.keyboard.press("Enter");
    await until("it is light", async () => (await ground()) === light);
    await show("new post");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/publish/studio");
  });

  await check("it finds tags, people and posts", async () => {
    const post = (await api("/posts?limit=50")).items.find(
      (one) => /^[\w@.]+$/.test(one.author?.acct ?? "") && /[a-z]{7}/.test(one.content_text),
    );
    const tag = (await api("/hashtags?limit=20")).items.find((one) => /^[a-z]{4,}$/.test(one.name));
    await open("/");
    if (tag) {
      await show(`#${tag.name}`);
      await dialog.getByRole("option").getByText(`#${tag.name}`, { exact: true }).click();
      await page.waitForURL((url) => url.pathname === `/listen/hashtags/${tag.name}`);
    }
    if (!post) return;
    await show(`@${post.author.acct}`);
    await dialog.getByRole("option").getByText(`@${post.author.acct}`, { exact: true }).first().click();
    await page.waitForURL((url) => url.searchParams.get("author") === post.author.acct);
    await show(/[a-z]{7,}/.exec(post.content_text)[0]);
    await dialog.locator("[data-group=Posts]").first().click();
    await page.waitForURL(/\/listen\/posts\/\d+\//);
  });

  await check("what is not there is said", async () => {
    await show("qqxzzqq");
    await dialog.getByText("Nothing found").waitFor();
    assert.deepEqual(await offers(), []);
    await page.keyboard.press("Escape");
  });

  await check("«Stop publishing» asks first", async () => {
    if (!isMock) return { skip: "a real program is not stopped here" };
    await mock("acting");
    await open("/listen/posts");
    await show("stop");
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: "Stop publishing?" });
    await question.waitFor();
    assert.equal((await mock("state")).stopped, false);
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    assert.equal((await mock("state")).stopped, false);
    await show("stop");
    await page.keyboard.press("Enter");
    await question.getByRole("button", { name: "Stop publishing" }).click();
    await page.getByText("Publishing is stopped.").waitFor();
    await show("resume");
    await page.keyboard.press("Enter");
    await page.getByText("Publishing is stopped.").waitFor({ state: "detached" });
  });

  await check("who may only read is offered, and shown, only what they may do", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await mock("rights?only=open,read");
    try {
      await open("/publish/approvals");
      assert.deepEqual(await page.locator("nav.tabs a").evaluateAll((all) => all.map((one) => one.firstChild.textContent)), [
        "Approvals",
        "Activity",
      ]);
      assert.equal(await page.locator("[data-new-post], [data-stop]").count(), 0);
      await show();
      const names = await offers();
      for (const name of ["Audit", "Studio", "Messages", "New post", "Stop publishing"]) assert.ok(!names.includes(name), name);
      assert.ok(names.includes("Posts"));
    } finally {
      await mock("rights");
    }
  });
}
