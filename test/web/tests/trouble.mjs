import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testTrouble({ check, open, page, mock, isMock }) {
  await check("an address without a page, a post, a tag or an event says so", async () => {
    for (const [path, words] of [
      ["/nowhere", /no page at this address/],
      ["/listen/posts/1/none-such", /has no post|no such post|no post/i],
      ["/manage/system/999999999", /no such event|no event/i],
    ]) {
      await open(path);
      await until(`${path} says so`, async () => words.test(await page.locator("main").innerText()));
    }
  });

  await check("a lost connection is told, tried again, and mended by itself", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await open("/listen/live");
    await page.locator("[data-moving]").click();
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(5, 5);
    await page.locator("[data-live=open]").waitFor();
    await mock("live?off=1");
    await mock("drop");
    await page.locator("[data-live=waiting]").waitFor();
    assert.match(await page.locator(".connection").innerText(), /Not connected/);
    await mock("live?off=0");
    await page.locator("[data-live=open]").waitFor({ timeout: 20_000 });
    const first = await page.locator(".stream [data-item]").first().getAttribute("data-href");
    await until("posts come in again", async () => (await page.locator(".stream [data-item]").first().getAttribute("data-href")) !== first);
    await page.locator("[data-moving]").click();
  });

  await check("a program that has seen nothing tells how to begin", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await mock("empty?on=1");
    for (const path of ["/", "/listen/live", "/listen/posts", "/listen/hashtags", "/manage/system"]) {
      await open(path);
      await until(`${path} tells how`, async () => /linnet account add|linnet import/.test(await page.locator("main").innerText()));
    }
    await mock("empty?on=0");
  });

  await check("a failing program is told in words, with a way to try again", async () => {
    if (!isMock) return { skip: "needs the mock" };
    for (const path of ["/", "/listen/live", "/listen/posts", "/listen/hashtags", "/manage/system"]) {
      await mock("fail?on=1");
      await open(path);
      await page.locator(".failure").first().waitFor();
      assert.match(await page.locator(".failure").first().innerText(), /cannot be read/);
      await mock("fail?on=0");
      await until(`${path} recovers`, async () => {
        if ((await page.locator(".failure").count()) === 0) return true;
        await page
          .getByRole("button", { name: "Try again" })
          .first()
          .click({ timeout: 500 })
          .catch(() => undefined);
        return false;
      });
    }
  });

  await check("nobody is shown what HTTP calls it, nor a proxy's page", async () => {
    if (!isMock) return { skip: "needs the mock" };
    const words = {};
    for (const status of [400, 401, 403, 404, 409, 413, 418, 429, 500, 502, 503, 504]) {
      for (const page_ of [0, 1]) {
        await mock(`fail?on=1&status=${status}&page=${page_}`);
        await open("/manage/system");
        await page.locator(".failure").first().waitFor();
        words[status] = await page.locator(".failure").first().innerText();
        assert.doesNotMatch(
          words[status],
          /HTTP|nginx|<|\b\d{3}\b|Bad |Gateway|Found|Conflict|Forbidden|Unauthorized|Request|Unavailable|Internal|Timeout|Too Large|Too Many/,
          `${status}`,
        );
      }
    }
    await mock("fail?on=0");
    assert.match(words[413], /too large/);
    assert.match(words[502], /no answer/);
    assert.match(words[403], /right that you do not have/);
  });

  await check("where the program said what is wrong, its sentence stands alone", async () => {
    if (!isMock) return { skip: "needs the mock" };
    const said = "token: https://birds.example does not accept it";
    for (const status of [400, 401, 403, 409, 422, 503]) {
      await mock(`fail?on=1&status=${status}&detail=${encodeURIComponent(said)}`);
      await open("/manage/system");
      await page.locator(".failure").first().waitFor();
      assert.deepEqual(await page.locator(".failure").first().locator("p").allInnerTexts(), [said], `${status}`);
    }
    await mock("fail?on=0");
  });

  await check("no exception happened on the way", () => assert.deepEqual(page.problems, []));
}
