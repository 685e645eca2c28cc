import assert from "node:assert/strict";
import { until } from "../browser.mjs";

const firstPost = (page) => page.locator(".stream [data-item]").first().getAttribute("data-href");

export async function testLive({ check, open, page, mock, isMock, api }) {
  const { totals } = await api("/status");

  await check("Live shows posts, totals, the rate, rising tags and connectors", async () => {
    await open("/listen/live");
    await page.waitForSelector(".stream [data-item]");
    await page.waitForSelector(".rate canvas");
    await page.waitForSelector("#rising-title");
    await page.waitForSelector("#connectors-title");
    const shown = (await page.locator(".totals").innerText()).replace(/[^\d\n]/g, "");
    assert.ok(totals.posts > 0 && shown.length > 0);
    assert.equal(await page.title(), "Live · Linnet");
  });

  await check("the live connection opens and tells its rate", async () => {
    await page.waitForSelector("[data-live=open]", { state: "attached" }); // on a phone it is under «More»
    await until("the rate is shown", async () => /\d\/s/.test(await page.locator(".connection").textContent()));
  });

  await check("the reader moves the list: new posts are offered, and shown when asked for", async () => {
    const before = await firstPost(page);
    await page.waitForSelector(".new-posts", { timeout: 30_000 });
    await page.waitForTimeout(1500);
    assert.equal(await firstPost(page), before);
    await page.locator(".new-posts").click();
    await until("they are shown", async () => (await firstPost(page)) !== before);
  });

  await check("new posts come in by themselves once that is asked for, and it is remembered", async () => {
    await page.locator("[data-moving]").click();
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(5, 5);
    for (const again of [false, true]) {
      if (again) await open("/listen/live");
      await page.waitForSelector(".stream [data-item]");
      const before = await firstPost(page);
      await until("the list moves", async () => (await firstPost(page)) !== before, 30_000);
    }
  });

  await check("the rate chart is drawn and told in words", async () => {
    await until("the summary has figures", async () =>
      /events a second on average/.test(await page.locator(".rate figcaption").textContent()),
    );
    const inked = await page.locator(".rate canvas").evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value > 0);
    });
    assert.ok(inked, "the canvas is blank");
    await page.getByText("1 h", { exact: true }).click();
    await until("the hour is shown", async () => /events in the last hour/.test(await page.locator(".rate figcaption").textContent()));
    await page.getByText("2 min", { exact: true }).click();
  });

  await check("the list stands still while somebody points at it", async () => {
    await page.evaluate(() => document.activeElement?.blur());
    await page.locator(".stream").evaluate((stream) => scrollBy(0, Math.max(0, stream.getBoundingClientRect().top - 200)));
    const { x, y } = await page.locator(".stream").boundingBox();
    await page.mouse.move(x + 50, y + 50);
    await page.mouse.move(x + 60, y + 60);
    await page.waitForSelector(".new-posts", { timeout: 30_000 });
    await page.mouse.move(5, 5);
    await until("it moves on", async () => (await page.locator(".new-posts").count()) === 0);
  });

  await check("500 posts a second: the page stays small and answers", async () => {
    if (!isMock) return { skip: "needs the mock" };
    // Processor time, and not frames: a machine that is busy with other things draws few in any case.
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const worked = async () => (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
    await mock("rate?n=500");
    await page.waitForTimeout(4000);
    const before = { worked: await worked(), at: Date.now() };
    await page.waitForTimeout(4000);
    const share = ((await worked()) - before.worked) / ((Date.now() - before.at) / 1000);
    await session.detach();
    const cards = await page.locator(".stream [data-item]").count();
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    const note = await page.locator(".stream-note").count();
    await mock("rate?n=2");
    assert.ok(cards <= 50, `${cards} cards`);
    assert.ok(nodes < 5000, `${nodes} elements`);
    assert.ok(share > 0 && share < 0.75, `the page works ${Math.round(share * 100)} % of the time, and could not answer`);
    assert.equal(note, 1, "it does not say that it shows a sample");
  });

  await check("what arrives is told to screen readers in one polite region, not post by post", async () => {
    assert.equal(await page.locator(".live [aria-live=polite]").count(), 1);
    assert.equal(await page.locator(".stream[aria-live], .stream [aria-live], .stream[role=log]").count(), 0);
  });

  await check("the figures keep their places: nothing comes and goes above the list", async () => {
    assert.match(await page.locator(".totals").innerText(), /Not yet applied/i);
    await page.locator("[data-moving]").click(); // as it is for whoever never asked
  });

  await check("nothing was asked of another server, and no exception happened", () => {
    assert.deepEqual(page.foreign, []);
    assert.deepEqual(page.problems, []);
  });
}
