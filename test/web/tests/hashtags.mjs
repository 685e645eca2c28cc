import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testHashtags({ check, open, page, api, isMock }) {
  await check("Hashtags explains each of its three measures in one sentence", async () => {
    await open("/listen/hashtags");
    const seen = new Set();
    for (const method of ["Growth", "Spike", "Burst"]) {
      await page.locator(".method .segmented").getByText(method, { exact: true }).click();
      await page.waitForURL((url) => (url.searchParams.get("method") ?? "growth") === method.toLowerCase());
      const words = (await page.locator(".method-words").textContent()).trim();
      assert.equal(words.match(/\./g).filter(Boolean).length - (words.match(/\d\.\d/g)?.length ?? 0), 1, words);
      seen.add(words);
      const { items } = await api(`/hashtags/trending?method=${method.toLowerCase()}&limit=50`);
      await until("its tags are listed", async () => {
        const names = await page.locator(".trends tbody th").allTextContents();
        return items.length === 0
          ? (await page.locator(".empty").count()) > 0
          : names[0]?.trim() === `#${items[0].name}` || (!isMock && names.length > 0);
      });
    }
    assert.equal(seen.size, 3);
  });

  await check("every trend has a sparkline with words", async () => {
    const rows = await page.locator(".trends tbody tr").count();
    if (rows === 0) return { skip: "nothing trends by burst in this data" };
    assert.equal(await page.locator(".trends .sparkline[aria-label]").count(), rows);
  });

  const { items } = await api("/hashtags?limit=20");
  const tag = items.find((one) => /^[a-z]{4,}$/.test(one.name));

  await check("a tag is found by its beginning", async () => {
    if (!tag) return { skip: "no plain tag" };
    await open("/listen/hashtags");
    await page.locator("[data-search]").fill(`#${tag.name.slice(0, 3)}`);
    await page
      .getByRole("link", { name: `#${tag.name}`, exact: true })
      .first()
      .waitFor();
    await page.locator("[data-search]").fill("qqxzz");
    await page.getByText("No hashtag begins with").waitFor();
  });

  await check("a tag's page shows its history, its company and its posts", async () => {
    if (!tag) return { skip: "no plain tag" };
    await open(`/listen/hashtags/${tag.name}`);
    await page.locator(".chart canvas, #history-title ~ .empty, .panel .empty").first().waitFor();
    await page.locator(".related li, .panel .faint").first().waitFor();
    await page.locator(".posts [data-item]").first().waitFor();
    assert.equal(await page.locator("h1").innerText(), `#${tag.name}`);
    await page.getByText("7 days", { exact: true }).click();
    await page.waitForURL(/hours=168/);
    await page.locator(".chart canvas, .panel .empty").first().waitFor();
  });

  await check("tags in a post's text lead to the tag's page here", async () => {
    const link = page.locator(".content a.hashtag").first();
    if ((await link.count()) === 0) return { skip: "no tag links in these posts" };
    assert.match(await link.getAttribute("href"), /^\/listen\/hashtags\//);
    await link.click();
    await page.waitForURL(/\/listen\/hashtags\//);
  });
}
