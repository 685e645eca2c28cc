import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testTable({ check, open, page, context, base, mock, isMock }) {
  if (!isMock) return;
  await mock("acting");
  const focusedKey = () => page.evaluate(() => document.activeElement?.dataset?.key);

  await check("on a desk a table has columns, each cell beneath its head", async () => {
    for (const path of ["/publish/activity", "/manage/rules", "/manage/system", "/manage/audit", "/listen/hashtags"]) {
      await open(path);
      await page.locator("main tbody tr").first().waitFor();
      const off = await page
        .locator("main table.list")
        .first()
        .evaluate((table) => {
          const heads = [...table.querySelectorAll("thead th")].map((one) => one.getBoundingClientRect().left);
          return [...table.querySelectorAll("tbody tr")].filter((row) =>
            [...row.children].some((cell, i) => Math.abs(cell.getBoundingClientRect().left - heads[i]) > 1),
          ).length;
        });
      assert.equal(off, 0, path);
    }
  });

  await check("on a phone a row is a card: each value beside its label, in line, and nothing is cut", async () => {
    const phone = await context.newPage();
    try {
      await phone.setViewportSize({ width: 390, height: 844 });
      for (const path of ["/publish/activity", "/manage/rules", "/manage/system", "/manage/audit", "/manage/people"]) {
        await phone.goto(base + path);
        await phone.locator("main tbody tr").first().waitFor();
        const card = phone.locator("main tbody tr").first();
        const labels = await card
          .locator("td[data-label]")
          .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, "::before").content.replaceAll('"', "")));
        const heads = await phone.locator("main thead th").evaluateAll((all) => all.map((one) => one.textContent));
        assert.ok(labels.length >= 1 && labels.every((label) => heads.includes(label)), `${path}: ${labels}`);
        const lefts = await card
          .locator("td[data-label] > div")
          .evaluateAll((all) => [
            ...new Set(all.filter((one) => one.offsetWidth > 0).map((one) => Math.round(one.getBoundingClientRect().left))),
          ]);
        assert.equal(lefts.length, 1, `${path}: values begin at ${lefts}`);
        const roles = await card.evaluate((row) => [row.getAttribute("role"), row.closest("table").getAttribute("role")]);
        assert.deepEqual(roles, ["row", "table"]); // cards of CSS are no table to a screen reader otherwise
        assert.ok((await phone.evaluate(() => document.documentElement.scrollWidth)) <= 390, path);
      }
    } finally {
      await phone.close();
    }
  });

  await check("j and k move through rows of every room with a table, Enter opens", async () => {
    for (const path of ["/publish/activity", "/manage/audit", "/manage/rules"]) {
      await open(path);
      await page.locator("main tbody tr").nth(1).waitFor();
      const keys = await page.locator("main tbody tr").evaluateAll((all) => all.slice(0, 2).map((one) => one.dataset.key));
      await page.keyboard.press("j");
      assert.equal(await focusedKey(), keys[0]);
      await page.keyboard.press("j");
      assert.equal(await focusedKey(), keys[1]);
      await page.keyboard.press("k");
      assert.equal(await focusedKey(), keys[0]);
    }
    await open("/publish/activity");
    await page.locator("main tbody tr").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/publish/activity/a1");
  });

  await check("x chooses rows, and what fits them is done to them together, five seconds later", async () => {
    await mock("acting");
    await open("/publish/activity");
    await page.locator('tr[data-key="a3"]').focus();
    await page.keyboard.press("x"); // failed
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x"); // waits
    assert.equal(await page.locator("tr.chosen").count(), 2);
    await page.keyboard.press("x");
    assert.equal(await page.locator("tr.chosen").count(), 1);
    assert.ok(await page.getByRole("button", { name: "Cancel" }).isDisabled());
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("1 action tried again").waitFor();
    assert.deepEqual((await mock("state")).did, []);
    await until("it is asked for", async () => (await mock("state")).did.length > 0);
    assert.deepEqual((await mock("state")).did, ["retry a3"]);
  });

  await check("what was removed can be had back for five seconds, by key and by button, and goes when nobody says so", async () => {
    await mock("acting");
    await open("/manage/rules");
    const row = page.locator('tr[data-key="b1"]');
    for (const undo of [() => page.keyboard.press("u"), () => page.locator(".undo-bar button").click()]) {
      await row.getByRole("button", { name: "Remove spam.example" }).click();
      await row.waitFor({ state: "detached" });
      await page.getByText("Removed from the blocklist: spam.example").waitFor();
      await undo();
      await row.waitFor();
    }
    await page.waitForTimeout(5500);
    assert.ok((await mock("state")).blocks.includes("b1"), "it was taken back");
    await row.getByRole("button", { name: "Remove spam.example" }).click();
    await until("it is removed", async () => !(await mock("state")).blocks.includes("b1"));
    await page
      .locator('tr[data-key="b2"]')
      .getByRole("button", { name: /^Remove/ })
      .click();
    await page.goto("about:blank"); // whoever leaves has not taken it back
    await until("it is removed at once", async () => !(await mock("state")).blocks.includes("b2"), 3000);
    assert.deepEqual((await mock("state")).blocks, ["b3"]);
  });
}
