import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testTrouble({ check, open, page, mock, isMock }) {
  await check("an address without a page, a post, a tag or an event says so", async () => {
    for (const [path, words] of [["/nowhere", /no page at this address/], ["/posts/1/none-such", /removed|mistyped/], ["/events/999999999", /removed|mistyped/]]) {
      await open(path);
      await until(`${path} says so`, async () => words.test(await page.locator("main").innerText()));
    }
  });

  await check("a lost connection is told, tried again, and mended by itself", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await open("/");
    await page.locator("[data-live=open]").waitFor();
    await mock("live?off=1");
    await mock("drop");
    await page.locator("[data-live=waiting]").waitFor();
    assert.match(await page.locator(".connection").innerText(), /Not connected/);
    await mock("live?off=0");
    await page.locator("[data-live=open]").waitFor({ timeout: 20_000 });
    const first = await page.locator(".stream [data-item]").first().getAttribute("data-href");
    await until("posts come in again", async () => (await page.locator(".stream [data-item]").first().getAttribute("data-href")) !== first);
  });

  await check("a program that has seen nothing tells how to begin", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await mock("empty?on=1");
    for (const path of ["/", "/posts", "/hashtags", "/events"]) {
      await open(path);
      await until(`${path} tells how`, async () => /linnet account add|linnet import/.test(await page.locator("main").innerText()));
    }
    await mock("empty?on=0");
  });

  await check("a failing program is told in words, with a way to try again", async () => {
    if (!isMock) return { skip: "needs the mock" };
    for (const path of ["/", "/posts", "/hashtags", "/events"]) {
      await mock("fail?on=1");
      await open(path);
      await page.locator(".failure").first().waitFor();
      assert.match(await page.locator(".failure").first().innerText(), /cannot be read/);
      await mock("fail?on=0");
      await until(`${path} recovers`, async () => {
        if ((await page.locator(".failure").count()) === 0) return true;
        await page.getByRole("button", { name: "Try again" }).first().click({ timeout: 500 }).catch(() => undefined);
        return false;
      });
    }
  });

  await check("no exception happened on the way", () => assert.deepEqual(page.problems, []));
}
