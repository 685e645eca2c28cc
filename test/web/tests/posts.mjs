import assert from "node:assert/strict";
import { until } from "../browser.mjs";

const cards = (page) => page.locator(".posts [data-item]");

// A word that some post has, to search for.
function wordOf(posts) {
  const words = posts.flatMap((post) => (post.content_text ?? "").match(/\b[a-z]{6,12}\b/g) ?? []);
  return words[Math.floor(words.length / 2)];
}

// A post with several versions, and its numbers, as the API knows it.
async function editedPost(api) {
  const { items } = await api("/posts/edits?limit=20");
  return items.find((item) => item.versions.some((version) => version.diff?.some((part) => part.op !== "same")));
}

export async function testPosts({ check, open, page, api, isMock, mock }) {
  const sample = (await api("/posts?limit=50")).items;

  await check("Posts lists the newest, and more on demand", async () => {
    await open("/listen/posts");
    await cards(page).first().waitFor();
    const before = await cards(page).count();
    assert.equal(before, Math.min(20, sample.length));
    await page.locator("[data-load-more]").click();
    await until("more are there", async () => (await cards(page).count()) > before);
  });

  await check("search finds a word, and the address keeps it", async () => {
    const word = wordOf(sample);
    await open("/listen/posts");
    await page.locator("[data-search]").fill(word);
    await page.waitForURL((url) => url.searchParams.get("query") === word);
    await until("only posts with it are shown", async () => {
      const texts = await cards(page).locator(".content").allTextContents();
      return texts.length > 0 && texts.slice(0, 3).every((text) => text.toLowerCase().includes(word));
    });
    await page.reload();
    assert.equal(await page.locator("[data-search]").inputValue(), word);
  });

  await check("a search without a match says what to do", async () => {
    await page.locator("[data-search]").fill("qqxqqzvv");
    await page.getByText("No post matches").waitFor();
    await page.getByRole("button", { name: "Clear all filters" }).click();
    await cards(page).first().waitFor();
    assert.equal(new URL(page.url()).search, "");
  });

  await check("filters by author, tag, language and instance narrow the list", async () => {
    const chosen = sample.find((post) => post.author && post.hashtags.length > 0 && post.language && /^[\w-]+$/.test(post.hashtags[0]));
    if (!chosen) return { skip: "no post with author, tag and language" };
    await open("/listen/posts");
    await page.locator(".more-filters").evaluate((details) => (details.open = true));
    await page.locator("input[name=author]").fill(`@${chosen.author.acct}`);
    await page.waitForURL((url) => url.searchParams.get("author") === chosen.author.acct);
    await page.locator("input[name=tag]").fill(`#${chosen.hashtags[0]}`);
    await page.waitForURL((url) => url.searchParams.get("tag") === chosen.hashtags[0]);
    await page
      .locator("select[name=language]")
      .selectOption(chosen.language)
      .catch(() => undefined);
    await page.locator("select[name=instance]").selectOption(String(chosen.instance_id));
    await page.waitForURL((url) => url.searchParams.get("instance") === String(chosen.instance_id));
    await until("only that author's posts are shown", async () => {
      const names = await cards(page).locator(".acct").allTextContents();
      return names.length > 0 && names.every((name) => name.trim() === `@${chosen.author.acct}`);
    });
    const chips = await page.locator(".chip").count();
    assert.ok(chips >= 3, `${chips} chips`);
    await page.locator(".chip").first().click();
    await until("the filter is gone", async () => (await page.locator(".chip").count()) === chips - 1);
  });

  await check("since and until take the reader's local time and ask in UTC", async () => {
    await open("/listen/posts");
    await page.locator(".more-filters").evaluate((details) => (details.open = true));
    const newest = Date.parse(sample[0].created_at);
    const local = await page.evaluate((at) => {
      const date = new Date(at);
      return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    }, newest - 600_000);
    await page.locator("input[name=since]").fill(local);
    await page.locator("input[name=since]").dispatchEvent("change");
    await page.waitForURL((url) => /Z$/.test(url.searchParams.get("since") ?? ""));
    const since = new URL(page.url()).searchParams.get("since");
    assert.ok(Math.abs(Date.parse(since) - (newest - 600_000)) < 61_000, since);
  });

  await check("order by engagement puts the strongest first", async () => {
    const { items } = await api("/posts?sort=engagement&limit=5");
    await open("/listen/posts?sort=engagement");
    await cards(page).first().waitFor();
    assert.equal(
      await cards(page).first().getAttribute("data-href"),
      `/listen/posts/${items[0].instance_id}/${encodeURIComponent(items[0].id)}`,
    );
  });

  await check("times are <time> with the full moment in their title", async () => {
    const time = cards(page).first().locator("time").first();
    assert.ok(!Number.isNaN(Date.parse(await time.getAttribute("datetime"))));
    assert.match(await time.getAttribute("title"), /\d{4}/);
  });

  await check("an edited post shows its changes word by word", async () => {
    const item = await editedPost(api);
    if (!item) return { skip: "no edited post in this data" };
    await open(`/listen/posts/${item.instance_id}/${encodeURIComponent(item.id)}`);
    await page.locator(".versions").waitFor();
    assert.equal(await page.locator(".version").count(), item.versions.length);
    const expected = item.versions.flatMap((version) => version.diff ?? []);
    for (const [op, element] of [
      ["add", "ins"],
      ["remove", "del"],
    ]) {
      const wanted = expected.filter((part) => part.op === op).map((part) => part.text);
      const shown = await page.locator(`.version > .diff:last-of-type ${element}`).allTextContents();
      assert.deepEqual([...shown].sort(), [...wanted].sort());
    }
    await page.getByText("Full text", { exact: true }).click();
    await until("whole versions are shown", async () => (await page.locator(".version .content").count()) === item.versions.length);
  });

  await check("its counts over time are a chart and a table", async () => {
    const post = isMock ? (await mock("state")).special : sample.find((one) => one.favourites_count > 3);
    if (!post) return { skip: "no post with counts" };
    const detail = await api(`/posts/${post.instance_id}/${encodeURIComponent(post.id)}`);
    if (detail.snapshots.length < 2) return { skip: "one snapshot only" };
    await open(`/listen/posts/${post.instance_id}/${encodeURIComponent(post.id)}`);
    await page.locator(".chart canvas").waitFor();
    await page.locator(".chart-table summary").click();
    await until(
      "the table has every snapshot",
      async () => (await page.locator(".chart-table tbody tr").count()) === Math.min(200, detail.snapshots.length),
    );
    await page.getByText("Engagement", { exact: true }).click();
    await until("the chart changes", async () => /Engagement/.test(await page.locator(".chart-legend").textContent()));
  });

  await check("a conversation is shown with the post marked in it", async () => {
    if (!isMock) {
      const reply = sample.find((post) => post.in_reply_to_id);
      if (!reply) return { skip: "no reply in the newest posts" };
      await open(`/listen/posts/${reply.instance_id}/${encodeURIComponent(reply.id)}`);
      await page.locator("#thread-title").waitFor();
      return;
    }
    await page.locator(".thread .post").first().waitFor();
    assert.equal(await page.locator(".thread .post").count(), 7);
    assert.equal(await page.locator(".thread [aria-current] .post.current").count(), 1);
  });

  await check("«back» returns to the list where it was left", async () => {
    await open("/listen/posts");
    await cards(page).first().waitFor();
    await page.locator("[data-load-more]").click();
    await until("more are there", async () => (await cards(page).count()) > 20);
    const count = await cards(page).count();
    const wanted = cards(page).nth(24);
    await wanted.scrollIntoViewIfNeeded();
    const top = await page.evaluate(() => scrollY);
    await wanted.locator(".when").click();
    await page.waitForURL(/\/listen\/posts\/\d+\//);
    await page.goBack();
    await until("the same posts are there", async () => (await cards(page).count()) === count);
    await until("at the same place", async () => Math.abs((await page.evaluate(() => scrollY)) - top) < 50, 3000);
  });

  await check("posts that gain, and edited posts, have lists of their own", async () => {
    await open("/listen/posts");
    await page.getByText("Gaining now", { exact: true }).click();
    await page.waitForURL(/view=gaining/);
    await page.locator(".note, .empty").first().waitFor();
    await page.getByText("Edited", { exact: true }).first().click();
    await page.waitForURL(/view=edited/);
    await page.locator(".post.edited .diff, .empty").first().waitFor();
  });
}
