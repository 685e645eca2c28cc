import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testFollowing({ check, open, page, mock, isMock }) {
  if (!isMock) return;
  const card = page.locator("[data-approval=r9]");
  // On a phone the connection is under «More».
  const connect = async () => {
    const more = page.locator("[data-more]");
    const isPhone = await more.isVisible();
    if (isPhone) await more.click();
    const button = page.getByRole("button", { name: /Connect now/ });
    if (isPhone)
      await button.click({ timeout: 2000 }).catch(() => undefined); // it may be back before the sheet is open
    else await button.click();
    if (isPhone) await page.keyboard.press("Escape");
  };

  await check("Approvals follows what is asked for elsewhere, and keeps what is being written", async () => {
    await mock("acting");
    await open("/publish/approvals");
    await page.locator("[data-approval=r1]").waitFor();
    await page.keyboard.press("e");
    await page.keyboard.type(" and more");
    await mock("acting?add=1");
    await card.waitFor({ timeout: 15_000 });
    assert.equal(await page.locator("[data-approval=r1] textarea").inputValue(), "Words of act-r1 and more");
  });

  await check("after the connection came back, lists and figures are read again at once", async () => {
    await mock("acting");
    await open("/publish/approvals");
    await page.locator("[data-approval=r1]").waitFor();
    await page.locator("[data-live=open]").first().waitFor({ state: "attached" });
    await mock("live?off=1");
    await mock("drop");
    await page.locator("[data-live=waiting]").waitFor({ state: "attached" });
    await mock("acting?add=1");
    await mock("live?off=0");
    await connect();
    await page.locator("[data-live=open]").first().waitFor({ state: "attached" });
    await card.waitFor({ timeout: 3000 }); // sooner than anything is asked for again by itself
  });

  await check("while nothing is heard the page says since when, and its figures are dimmed", async () => {
    await open("/");
    await page.locator("[data-live=open]").first().waitFor({ state: "attached" });
    await page.locator(".rise").first().waitFor();
    await mock("live?off=1");
    await mock("drop");
    await page.getByText(/What you see is as of \d\d:\d\d/).waitFor();
    assert.ok(
      Number(
        await page
          .locator(".rise")
          .first()
          .evaluate((one) => getComputedStyle(one).opacity),
      ) < 1,
    );
    await mock("live?off=0");
    await connect();
    await page.getByText(/What you see is as of/).waitFor({ state: "detached" });
    assert.equal(
      await page
        .locator(".rise")
        .first()
        .evaluate((one) => getComputedStyle(one).opacity),
      "1",
    );
  });

  await check("what was read beyond the first page stays when a list is read again", async () => {
    await open("/listen/posts");
    await page.locator("[data-load-more]").click();
    await until("more are there", async () => (await page.locator(".posts [data-item]").count()) > 20);
    const before = await page.locator(".posts [data-item]").count();
    await mock("drop");
    await page
      .locator("[data-live=open]")
      .waitFor({ state: "detached" })
      .catch(() => undefined);
    await page.locator("[data-live=open]").first().waitFor({ state: "attached" });
    await page.waitForTimeout(800);
    assert.ok((await page.locator(".posts [data-item]").count()) >= before);
  });
}
