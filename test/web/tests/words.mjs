import assert from "node:assert/strict";
import { until } from "../browser.mjs";

// Names and shapes of the program's insides that no row may show.
const kInsides = /[a-z]+_[a-z]+|[{}"]|\b(true|false|null)\b|action (attempt|complete)|policy block/;

export async function testWords({ check, open, page, mock, isMock }) {
  if (!isMock) return;
  await mock("acting");

  await check("the filter of Activity has the words of its rows", async () => {
    await open("/publish/activity");
    const choose = page.getByLabel("Status");
    const options = await choose.locator("option").allInnerTexts();
    assert.equal(options.shift(), "All");
    const seen = new Set();
    for (const option of options) {
      await choose.selectOption({ label: option });
      await until(`each row is «${option}»`, async () => {
        const rows = await page.locator("main tbody .badge").allInnerTexts();
        rows.forEach((row) => seen.add(row));
        return rows.length > 0 && rows.every((row) => row.startsWith(option));
      });
    }
    await choose.selectOption("");
    await until("every state is one of the filter's", async () => {
      const rows = await page.locator("main tbody .badge").allInnerTexts();
      return rows.length === 9 && rows.every((row) => seen.has(row));
    });
  });

  await check("Audit tells in sentences, with what is kept behind «Details»", async () => {
    await open("/manage/audit");
    await page.locator("main tbody tr").first().waitFor();
    const rows = await page.locator("main tbody tr").allInnerTexts();
    for (const row of rows) assert.doesNotMatch(row, kInsides);
    for (const words of [
      /Platform credential removed/,
      /The use of a network changed/,
      /Post\s+Seen on the platform/,
      /Waits: the account is new/,
      /Waits for approval: posts wait/,
      /Failed: the server refuses it/,
      /Post\s+Asked for/,
    ]) {
      assert.equal(rows.filter((row) => words.test(row)).length, 1, `${words} in ${rows.join(" / ")}`);
    }
    const options = await page.getByLabel("What").locator("option").allInnerTexts();
    for (const option of options) assert.doesNotMatch(option, kInsides);
    const first = page.locator("main tbody tr").first();
    await first.locator("summary").focus();
    await page.keyboard.press("Enter");
    await first.getByText('"platform_credential_removed"').waitFor();
  });

  await check("what happened to an action is told in words too", async () => {
    await open("/publish/activity/a1");
    await page.locator(".steps li").first().waitFor();
    for (const step of await page.locator(".steps li, .evidence li").allInnerTexts()) assert.doesNotMatch(step, kInsides);
    await page.locator(".steps summary").first().click();
    await page.locator(".steps").getByText('"action_attempt"').waitFor();
  });

  await check("a request for approval says its reason once", async () => {
    await open("/publish/approvals");
    await page.locator('[data-approval="r1"]').waitFor();
    const text = await page.locator('[data-approval="r1"]').innerText();
    assert.equal(text.match(/wait for a person's word/gi).length, 1, text);
    await page.locator('[data-approval="r6"]').getByRole("heading", { name: "Message to somebody whose name is not known here" }).waitFor();
  });
}
