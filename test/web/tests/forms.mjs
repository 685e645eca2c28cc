import assert from "node:assert/strict";
import { until } from "../browser.mjs";

export async function testForms({ check, open, forget, page, base, mock, isMock }) {
  if (!isMock) return;
  const text = page.getByRole("textbox", { name: /^Text/ });
  const afresh = async () => {
    await forget();
    await mock("acting");
    await open("/publish/studio");
    await text.waitFor();
  };

  await check("a draft outlives the room and the page, and is gone once it was sent", async () => {
    await afresh();
    await text.fill("Half a thought");
    await page.getByLabel("Content warning").fill("the sea");
    await page.locator("nav.areas a[data-area=listen]").click(); // before its writer paused
    await page.waitForURL(/listen/);
    await page.locator("[data-new-post]").click();
    await page.getByText("Taken up where you left it.").waitFor();
    assert.equal(await text.inputValue(), "Half a thought");
    assert.equal(await page.getByLabel("Content warning").inputValue(), "the sea");
    await text.fill("A whole thought");
    await page.reload();
    await text.waitFor();
    assert.equal(await text.inputValue(), "A whole thought");
    await page.getByRole("button", { name: "Approve and send" }).click();
    await page.waitForURL(/\/publish\/activity\//);
    await open("/publish/studio");
    await text.waitFor();
    assert.equal(await text.inputValue(), "");
    assert.equal(await page.getByText("Taken up where you left it.").count(), 0);
  });

  await check("a draft belongs to who wrote it, and to what it answers", async () => {
    await afresh();
    await text.fill("Mine alone");
    await page.waitForTimeout(700);
    await mock("person?id=u2");
    await page.reload();
    await text.waitFor();
    assert.equal(await text.inputValue(), "");
    await mock("person?id=u1");
    await open("/publish/studio?reply=9");
    await text.waitFor();
    assert.equal(await text.inputValue(), "");
    await open("/publish/studio");
    await text.waitFor();
    assert.equal(await text.inputValue(), "Mine alone");
    await page.getByRole("button", { name: "Start afresh" }).click();
    await page.waitForTimeout(700);
    await page.reload();
    await text.waitFor();
    assert.equal(await text.inputValue(), "");
  });

  const drafts = async () => (await mock("state")).drafts;
  const keptText = async () => (await drafts()).post?.posts[0].text;
  const forgetHere = async () => {
    await page.goto(`${base}/icon.svg`);
    await page.evaluate(() => localStorage.clear());
    await open("/publish/studio");
    await text.waitFor();
  };

  await check("a draft is on the server, and there in a browser that never saw it", async () => {
    await afresh();
    assert.deepEqual(await drafts(), {});
    await text.fill("From one machine");
    await until("it is kept", async () => (await keptText()) === "From one machine");
    await forgetHere();
    assert.equal(await text.inputValue(), "From one machine");
    await text.fill("");
    await until("what was emptied is gone", async () => (await drafts()).post === undefined);
    await forgetHere();
    assert.equal(await text.inputValue(), "");
  });

  await check("what is written while Linnet cannot be reached is kept here, and sent once it can be", async () => {
    await afresh();
    await text.fill("At home");
    await until("it is kept", async () => (await keptText()) === "At home");
    await page.context().setOffline(true);
    try {
      await text.fill("In a tunnel");
      await page.waitForTimeout(700);
      assert.equal(await keptText(), "At home");
    } finally {
      await page.context().setOffline(false);
    }
    await until("it arrived", async () => (await keptText()) === "In a tunnel");
    await page.route("**/api/v1/drafts/**", (route) => route.abort());
    try {
      await text.fill("In another tunnel");
      await page.reload();
      await text.waitFor();
      assert.equal(await text.inputValue(), "In another tunnel");
    } finally {
      await page.unroute("**/api/v1/drafts/**");
    }
    await page.reload();
    await text.waitFor();
    assert.equal(await text.inputValue(), "In another tunnel");
    await until("it arrived", async () => (await keptText()) === "In another tunnel");
  });

  await check("of two tabs the newest wins, and both say that there was another", async () => {
    const elsewhere = page.getByRole("status").getByText("This was changed elsewhere too");
    const writeElsewhere = async (words) => {
      const { post } = await drafts();
      post.posts[0].text = words;
      await mock(`drafts?elsewhere=${encodeURIComponent(JSON.stringify({ content: post }))}`);
    };
    await afresh();
    await text.fill("Here");
    await until("it is kept", async () => (await keptText()) === "Here");
    await writeElsewhere("There");
    await text.fill("Here again");
    await elsewhere.waitFor();
    assert.equal(await keptText(), "Here again");
    assert.equal(await page.getByRole("button", { name: "Show that" }).count(), 0); // it is no more
    await page.getByRole("button", { name: "Keep this" }).click();
    await elsewhere.waitFor({ state: "detached" });
    await text.fill("Here for the third time");
    await until("it is kept", async () => (await keptText()) === "Here for the third time");
    assert.equal(await elsewhere.count(), 0, "one tab is no other to itself");
    await writeElsewhere("There, later");
    await page.evaluate(() => dispatchEvent(new Event("focus"))); // its tab is looked at again
    await elsewhere.waitFor();
    assert.equal(await text.inputValue(), "Here for the third time");
    await page.getByRole("button", { name: "Show that" }).click();
    assert.equal(await text.inputValue(), "There, later");
    await elsewhere.waitFor({ state: "detached" });
  });

  await check("files that arrived are in the draft, and those that did not are asked for again", async () => {
    await afresh();
    await text.fill("With a picture");
    await page
      .getByLabel("Pictures", { exact: true })
      .setInputFiles({ name: "pier.png", mimeType: "image/png", buffer: Buffer.from("pier") });
    await page.getByLabel("Description of pier.png").fill("A pier");
    await until("it arrived", async () => (await mock("state")).files.length === 1);
    await page.waitForTimeout(700);
    await page.reload();
    assert.equal(await page.getByLabel("Description of pier.png").inputValue(), "A pier");
    await page.getByRole("button", { name: "Approve and send" }).click();
    await page.waitForURL(/\/publish\/activity\//);
    assert.deepEqual((await mock("state")).asked.at(-1).posts[0].media, [{ name: "pier.png", alt_text: "A pier", upload: "up-1" }]);
  });

  await check("what the server would refuse is told beside its field, and cannot be sent", async () => {
    await afresh();
    const send = page.getByRole("button", { name: "Send for approval" });
    await text.fill("x".repeat(520));
    await page.getByRole("alert").getByText("20 characters too long: the account’s server takes 500.").waitFor();
    assert.equal(await text.getAttribute("aria-invalid"), "true");
    assert.ok(await send.isDisabled());
    await text.fill("Short");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add a poll" }).click();
    await page
      .getByLabel("Pictures", { exact: true })
      .setInputFiles({ name: "pier.png", mimeType: "image/png", buffer: Buffer.from("pier") });
    await page.getByRole("alert").getByText("Mastodon allows pictures or a poll. Remove one.").waitFor();
    assert.ok(await send.isDisabled());
    await page.getByRole("button", { name: "No poll" }).click();
    await until("it may be sent", () => send.isEnabled());
  });

  await check("what a rule refuses stays in the composer, with the reason, and becomes no action", async () => {
    await afresh();
    await text.fill("Against a rule");
    await mock("acting?deny=it was said an hour ago");
    await page.getByRole("button", { name: "Approve and send" }).click();
    await page.getByRole("alert").getByText("Not sent.").waitFor();
    await page.getByText("it was said an hour ago").waitFor();
    assert.equal(new URL(page.url()).pathname, "/publish/studio");
    assert.equal(await text.inputValue(), "Against a rule");
    assert.deepEqual((await mock("state")).asked, []);
  });

  await check("what the program says of one field stands beside it, and the focus goes there", async () => {
    await open("/manage/people");
    const form = page.locator("section", { has: page.getByRole("heading", { name: "Add a person" }) });
    const name = form.getByLabel("Name");
    await name.fill("Ada Lovelace");
    await form.getByLabel("Password").fill("correct horse battery");
    await form.getByRole("button", { name: "Add" }).click();
    const problem = form.getByRole("alert");
    await problem.waitFor();
    assert.equal(await problem.innerText(), "only a to z, 0 to 9, . - and _ can be in it");
    assert.equal(await name.getAttribute("aria-describedby"), await problem.getAttribute("id"));
    await until("the focus is there", () => name.evaluate((one) => one === document.activeElement));
    assert.equal(await form.locator(".failure").count(), 0);
  });

  await check("no key decides while a form of the page is being written", async () => {
    await mock("acting");
    await open("/publish/approvals");
    await page.locator("[data-approval=r1]").waitFor();
    await page.evaluate(
      () =>
        document.querySelector("main").setAttribute("data-was", "") || document.querySelector("main h1").setAttribute("data-editing", ""),
    );
    await page.locator("[data-approval=r1]").focus();
    for (const key of ["a", "r", "t"]) await page.keyboard.press(key);
    assert.equal(await page.locator("[data-decided]").count(), 0);
    await page.evaluate(() => document.querySelector("main h1").removeAttribute("data-editing"));
    await page.keyboard.press("a");
    await page.locator("[data-decided=r1]").waitFor();
    await page.keyboard.press("u");
    await open("/manage/people"); // and a form says by itself that it is being written
    assert.equal(await page.locator("[data-editing]").count(), 0);
    await page
      .locator("section", { has: page.getByRole("heading", { name: "Add a person" }) })
      .getByLabel("Name")
      .fill("ada");
    assert.equal(await page.locator("form[data-editing]").count(), 1);
  });
}
