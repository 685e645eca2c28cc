import assert from "node:assert/strict";
import { until } from "../browser.mjs";

const rows = (page) => page.locator(".events tbody tr");

export async function testEvents({ check, open, page, api, isMock }) {
  const failed = (await api("/events?failed=true&limit=20")).items;

  await check("Events lists the log, and more on demand", async () => {
    await open("/manage/system");
    await rows(page).first().waitFor();
    const count = await rows(page).count();
    if (isMock || (await page.locator("[data-load-more]").count())) {
      await page.locator("[data-load-more]").click();
      await until("more are there", async () => (await rows(page).count()) > count);
    }
  });

  await check("the failed filter shows failures with their reasons", async () => {
    await page.getByText("Failed only", { exact: true }).click();
    await page.waitForURL(/failed=true/);
    if (failed.length === 0) return void (await page.getByText("Nothing has failed").waitFor());
    await until("only failures are shown", async () => {
      const count = await rows(page).count();
      return count > 0 && (await page.locator(".events tr.failed .event-error").count()) === count;
    });
  });

  await check("filters by kind and by post", async () => {
    await open("/manage/system");
    await page.locator("select[name=kind]").selectOption("update");
    await page.waitForURL(/kind=update/);
    await until("only that kind is shown", async () => {
      const kinds = await page.locator(".events [data-label=Kind]").allTextContents();
      return kinds.length > 0 && kinds.every((kind) => kind === "KindNew post" || kind === "New post");
    });
    const { items } = await api("/events?kind=update&limit=1");
    await page.locator("[data-search]").fill(items[0].status_id);
    await page.waitForURL((url) => url.searchParams.get("status_id") === items[0].status_id);
    await until("only that post's are shown", async () => {
      const ids = await page.locator(".events .id").allTextContents();
      return ids.length > 0 && ids.every((id) => id.trim() === items[0].status_id);
    });
  });

  await check("an event's page shows its payload", async () => {
    const { items } = await api("/events?limit=1");
    await open(`/manage/system/${items[0].id}`);
    await page.locator(".payload").waitFor();
    const detail = await api(`/events/${items[0].id}`);
    const shown = await page.locator(".payload").innerText();
    if (detail.payload !== undefined) assert.deepEqual(JSON.parse(shown), detail.payload);
    else assert.equal(shown, detail.payload_raw);
  });

  await check("a failed event's page says why, and shows what is not JSON as it came", async () => {
    if (failed.length === 0) return { skip: "no failed events" };
    for (const event of failed.slice(0, 8)) {
      const detail = await api(`/events/${event.id}`);
      await open(`/manage/system/${event.id}`);
      await page.locator(".failure").waitFor();
      assert.ok((await page.locator(".failure").innerText()).includes(event.error));
      if (detail.payload_raw === undefined) continue;
      assert.equal((await page.locator(".payload").textContent()).trim(), detail.payload_raw.trim());
      return;
    }
  });

  await check("retry runs and reports what came of it", async () => {
    await open("/manage/system");
    await page.locator("[data-retry]").click();
    await page.locator("[data-job]").waitFor();
    await page.locator("[data-job=done]").waitFor({ timeout: 60_000 });
    assert.match(await page.locator("#job-title").innerText(), /Retry is done/);
    await page.getByRole("button", { name: "Close" }).click();
    await until("the panel is gone", async () => (await page.locator("[data-job]").count()) === 0);
  });

  await check("all jobs are shown once somebody looks, and one time of a schedule can be left out", async () => {
    await open("/events");
    const rows = page.locator("[data-job-row]");
    assert.equal(await rows.count(), 0);
    await page.locator("[data-all-jobs] summary").click();
    await rows.first().waitFor();
    const retention = page.locator("[data-job-row=retention]").first();
    await retention.getByRole("button", { name: /^Leave out/ }).click();
    await until("it says so", async () => /left out/.test(await retention.innerText()));
  });

  await check("replay asks first, explains that it is safe, and can be declined", async () => {
    await page.locator("[data-replay]").click();
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /safe to stop/i);
    await page.getByRole("button", { name: "Not now" }).click();
    await until("it is closed", async () => (await page.locator("dialog[open]").count()) === 0);
    assert.equal(await page.locator("[data-job]").count(), 0);
  });

  await check("replay shows its progress, over a reload too, and ends", async () => {
    await page.locator("[data-replay]").click();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.locator("[data-job]").waitFor();
    const seen = new Set();
    let reloaded = false;
    await until(
      "it is done",
      async () => {
        const state = await page
          .locator("[data-job]")
          .getAttribute("data-job")
          .catch(() => null);
        if (state === "running") {
          seen.add(
            await page
              .locator("[data-job] progress")
              .getAttribute("value", { timeout: 500 })
              .catch(() => null),
          );
          if (!reloaded && seen.size > 2) {
            reloaded = true;
            await page.reload();
            await page.locator("[data-job]").waitFor();
          }
        }
        return state === "done";
      },
      120_000,
    );
    if (seen.size === 0) return { skip: "it was over too soon to be seen running" };
    assert.match(await page.locator("#job-title").innerText(), /Replay is done/);
    await page.getByRole("button", { name: "Close" }).click();
  });
}
