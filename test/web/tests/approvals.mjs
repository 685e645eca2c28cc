import assert from "node:assert/strict";
import { until } from "../browser.mjs";

const kUndoMs = 5000;

// As a keyboard does it: the first keydown, then repeats, 30 a second.
async function hold(page, key, times = 30) {
  await page.keyboard.down(key);
  for (let i = 0; i < times; i += 1) {
    await page.waitForTimeout(33);
    await page.keyboard.down(key);
  }
  await page.keyboard.up(key);
}

export async function testApprovals({ check, open, page, mock, isMock }) {
  if (!isMock) return;
  const card = (id) => page.locator(`[data-approval=${id}]`);
  const isFocused = (id) =>
    until(`${id} has the focus`, () => page.evaluate((one) => document.activeElement?.dataset.approval === one, id));
  const begin = async () => {
    await page.goto("about:blank"); // what was said before is sent as its page goes
    await page.waitForTimeout(200);
    await mock("acting");
    await open("/publish/approvals");
    await isFocused("r1");
  };
  const decided = async () => (await mock("state")).decided;
  const undecided = async (why) => {
    await page.waitForTimeout(kUndoMs + 700);
    assert.deepEqual(await decided(), [], why);
  };

  await check("a key that is held approves one request", async () => {
    await begin();
    await hold(page, "a");
    assert.equal(await page.locator("[data-decided]").count(), 1);
    await until("the word is sent", async () => (await decided()).length > 0);
    await page.waitForTimeout(500);
    assert.deepEqual(
      (await decided()).map(({ id, decision }) => [id, decision]),
      [["r1", "approve"]],
    );
  });

  await check("Enter that is held on a button presses it once", async () => {
    await begin();
    await card("r1").getByRole("button", { name: "Approve", exact: true }).focus();
    await hold(page, "Enter");
    assert.equal(await page.locator("[data-decided]").count(), 1);
    await isFocused("r2");
  });

  await check("a word can be taken back for five seconds, by key and by button, and is not sent before", async () => {
    await begin();
    await page.keyboard.press("r");
    await page.locator("[data-decided=r1]").waitFor();
    await isFocused("r2");
    await page.keyboard.press("u");
    await isFocused("r1");
    await card("r2").getByRole("button", { name: "Approve", exact: true }).click();
    await page.locator("[data-decided=r2]").getByRole("button", { name: "Undo" }).click();
    await isFocused("r2");
    await undecided("it was taken back");
    await page.keyboard.press("a");
    const begun = Date.now();
    const [word] = await until("it is sent", async () => ((await decided()).length > 0 ? decided() : undefined));
    assert.equal(word.id, "r2");
    assert.ok(word.at - begun > kUndoMs - 500, `it went after ${word.at - begun} ms`);
    await page.getByRole("link", { name: "Done. It is under Activity." }).waitFor();
  });

  await check("no key decides while an editor is open, and the focus is in its field", async () => {
    await begin();
    await hold(page, "e"); // what opened the editor types nothing into it
    const field = card("r1").getByLabel("Text");
    assert.ok(await field.evaluate((element) => element === document.activeElement));
    assert.equal(await field.inputValue(), "Words of act-r1");
    await page.keyboard.type(" are jaunty, terse and rare");
    assert.equal(await field.inputValue(), "Words of act-r1 are jaunty, terse and rare");
    await page.keyboard.press("Escape");
    for (const key of ["a", "r", "t", "j", "a", "r"]) await page.keyboard.press(key);
    await card("r2").locator("h2").click(); // the editor of another request is still open
    for (const key of ["a", "r"]) await page.keyboard.press(key);
    assert.equal(await page.locator("[data-decided]").count(), 0);
    await undecided("an editor was open");
    await card("r1").getByRole("button", { name: "Approve with this text" }).click();
    await until("it is sent", async () => (await decided()).length > 0);
    assert.equal((await decided())[0].text, "Words of act-r1 are jaunty, terse and rare");
  });

  await check("an editor is left with the text as it was", async () => {
    await begin();
    await page.keyboard.press("e");
    await page.keyboard.type("!");
    await card("r1").getByRole("button", { name: "Leave the text as it was" }).click();
    await isFocused("r1");
    await page.keyboard.press("a");
    await until("it is sent", async () => (await decided()).length > 0);
    assert.equal((await decided())[0].text, undefined);
  });

  await check("a letter after g names a room, however late, and decides nothing", async () => {
    await begin();
    await page.keyboard.press("g");
    await page.waitForTimeout(1500);
    await page.keyboard.press("a");
    await page.keyboard.press("g");
    await page.keyboard.press("z"); // no room, and nothing else either
    assert.equal(await page.locator("[data-decided]").count(), 0);
  });

  await check("a key decides what has the focus, and nothing that is merely marked", async () => {
    await begin();
    await page.locator("nav.areas a").first().focus();
    await page.keyboard.press("a");
    assert.equal(await page.locator("[data-decided]").count(), 0);
    await card("r5").getByRole("button", { name: "Reject" }).focus();
    await page.keyboard.press("a");
    assert.deepEqual(await page.locator("[data-decided]").evaluateAll((all) => all.map((one) => one.dataset.decided)), ["r5"]);
  });

  await check("a thread is decided as one, and taken back as one", async () => {
    await begin();
    await card("r3").focus();
    await page.keyboard.press("t");
    await card("r4").waitFor({ state: "detached" });
    await page.keyboard.press("u");
    await isFocused("r3");
    await card("r4").waitFor();
    await page.keyboard.press("t");
    await until("it is sent", async () => (await decided()).length > 0);
    const [word] = await decided();
    assert.deepEqual([word.id, word.thread], ["r3", true]);
  });

  await check("a word given is kept when the room or the page is left", async () => {
    await begin();
    await page.keyboard.press("r");
    await page.locator("[data-decided=r1]").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(/\/listen\/live$/);
    await until("it is sent from elsewhere", async () => (await decided()).length === 1);
    await open("/publish/approvals");
    await isFocused("r2");
    await page.keyboard.press("r");
    await page.goto("about:blank");
    await until("it is sent as the page goes", async () => (await decided()).length === 2, 3000);
  });

  await check("what was decided elsewhere says so, and the list is read again", async () => {
    await begin();
    await page.keyboard.press("r");
    await page.evaluate(() => fetch("/api/v1/approvals/r1", { method: "POST", body: JSON.stringify({ decision: "approve" }) }));
    await page.locator("[data-decided=r1]").waitFor({ state: "detached" });
    await card("r1").waitFor({ state: "detached" });
    assert.equal(await page.getByText("Done. It is under Activity.").count(), 0);
  });
}
