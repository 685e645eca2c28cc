import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../browser.mjs";
import { audit } from "./access.mjs";

// What arrived at the program; each of these tests begins with nothing.
export async function testWriting({ check, open, forget, page, mock, isMock }) {
  if (!isMock) return;
  const asked = async () => (await mock("state")).asked;
  const send = () => page.getByRole("button", { name: "Approve and send" }).click();
  const write = async (text) => {
    await forget();
    await mock("acting");
    await open("/publish/studio");
    await page.getByLabel("Text").fill(text);
  };

  await check("what is sent again because its answer was lost has the key of before, and another form another", async () => {
    await write("Good morning");
    await mock("acting?lose=1");
    await send();
    await page.getByText("Linnet does not answer").waitFor();
    await mock("acting?lose=0");
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    await open("/publish/studio");
    await page.getByLabel("Text").fill("Good morning");
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    const keys = (await asked()).map((request) => request.request_key); // the browser may try again by itself as well
    const another = keys.pop();
    assert.ok(keys.length >= 2 && keys[0].length >= 16, keys.join());
    assert.deepEqual([...new Set(keys)], [keys[0]]);
    assert.notEqual(another, keys[0]);
  });

  await check("a button pressed twice at once sends once", async () => {
    await write("Twice");
    await page.getByRole("button", { name: "Approve and send" }).evaluate((button) => (button.click(), button.click()));
    await page.waitForURL(/\/publish\/activity\//);
    assert.equal((await asked()).length, 1);
  });

  await check("what was changed after a lost answer is not taken for the same, nor sent unasked", async () => {
    await write("First words");
    await mock("acting?lose=1");
    await send();
    await page.getByText("Linnet does not answer").waitFor();
    await mock("acting?lose=0");
    await page.getByLabel("Text").fill("Other words");
    await send();
    await page.getByText("What you sent before has arrived").waitFor();
    assert.equal(new URL(page.url()).pathname, "/publish/studio");
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    const keys = new Set((await asked()).map((request) => request.request_key));
    assert.equal(keys.size, 2);
  });

  const box = page.getByLabel("Pictures", { exact: true });
  const bar = page.getByRole("progressbar");
  const folder = mkdtempSync(join(tmpdir(), "linnet-files-"));
  const film = (megabytes, name = "dawn.mp4") => {
    writeFileSync(join(folder, name), Buffer.alloc(megabytes * 1e6, name));
    return join(folder, name);
  };
  const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

  await check("a file over 12 MB goes ahead as it is, while the post is written on; it is sent once the file is there", async () => {
    await write("Dawn");
    await mock("acting?hold=1");
    const dawn = film(40);
    await box.setInputFiles(dawn);
    await bar.waitFor();
    assert.equal(await bar.getAttribute("aria-label"), "dawn.mp4, on its way");
    assert.equal(await bar.getAttribute("max"), String(40e6));
    for (const name of ["Check", "Send for approval", "Approve and send"])
      assert.ok(await page.getByRole("button", { name, exact: true }).isDisabled(), name);
    await page.getByRole("status").getByText("1 file on the way").waitFor();
    assert.deepEqual(await audit(page), []);
    await page.getByLabel("Description of dawn.mp4").fill("Boats leave");
    await page.getByLabel("Description of dawn.mp4").press("Enter");
    await page.getByLabel("Text").fill("Dawn at the harbour");
    await page.locator("form.form").evaluate((form) => form.requestSubmit()); // whatever else may send a form
    assert.equal(new URL(page.url()).pathname, "/publish/studio");
    await mock("acting?hold=0");
    await until("the bar moves", async () => !(await bar.count()) || Number(await bar.getAttribute("value")) > 1e6);
    await bar.waitFor({ state: "detached" });
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    const { files, asked: requests } = await mock("state");
    assert.deepEqual(files, [{ upload: "up-1", size: 40e6, sha256: sha256(dawn), type: "application/octet-stream" }]);
    assert.equal(requests.length, 1);
    assert.deepEqual(requests[0].posts, [
      { text: "Dawn at the harbour", media: [{ name: "dawn.mp4", alt_text: "Boats leave", upload: "up-1" }] },
    ]);
  });

  await check("a file that is taken away on its way is broken off, and the next takes its turn", async () => {
    await write("Dusk");
    await mock("acting?hold=1");
    await box.setInputFiles([film(40, "first.mp4"), film(1, "second.mp4")]);
    await bar.nth(1).waitFor();
    await page.getByRole("button", { name: "Remove first.mp4" }).click();
    await until("it was broken off", async () => (await mock("state")).brokenOff === 1);
    await mock("acting?hold=0");
    await bar.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add a post to the thread" }).click();
    await mock("acting?hold=1");
    await page.getByLabel("Pictures of post 2").setInputFiles(film(40, "third.mp4"));
    await bar.waitFor();
    await page.getByRole("button", { name: "Remove the last" }).click();
    await until("a post that is gone sends nothing on", async () => (await mock("state")).brokenOff === 2);
    await mock("acting?hold=0");
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    const { files, asked: requests } = await mock("state");
    assert.deepEqual(
      files.map((file) => file.size),
      [1e6],
    );
    assert.deepEqual(
      requests[0].posts[0].media.map((file) => file.name),
      ["second.mp4"],
    );
  });

  await check("what went wrong with a file is said in words, keeps the post, and can be tried again", async () => {
    await write("Noon");
    await box.setInputFiles([film(17, "huge.png"), film(0, "empty.png")]);
    await page
      .getByRole("alert")
      .getByText("huge.png was not sent. It has 17 MB, and at most 16 MB can be sent. Make it smaller.")
      .waitFor();
    await page.getByRole("alert").getByText("It is empty.").waitFor();
    await page.getByRole("status").getByText("2 files did not arrive").waitFor();
    assert.deepEqual(await audit(page), []);
    for (const name of ["huge.png", "empty.png"]) await page.getByRole("button", { name: `Remove ${name}` }).click();
    await mock("acting?refuse=413");
    await box.setInputFiles(film(1, "noon.mp4"));
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.equal(await alert.innerText(), "noon.mp4 was not sent. That is too large.");
    assert.ok(await page.getByRole("button", { name: "Approve and send" }).isDisabled());
    await mock("acting?refuse=0");
    await page.getByRole("button", { name: "Send again noon.mp4" }).click();
    await alert.waitFor({ state: "detached" });
    await until("it may be sent", () => page.getByRole("button", { name: "Approve and send" }).isEnabled());
    await mock("acting?forget=1");
    await send();
    await page.getByText("The files are no longer there").waitFor();
    await page.getByRole("button", { name: "Send again noon.mp4" }).click();
    await send();
    await page.waitForURL(/\/publish\/activity\//);
    assert.deepEqual((await asked()).at(-1).posts, [{ text: "Noon", media: [{ name: "noon.mp4", alt_text: "", upload: "up-1" }] }]);
  });

  await check("an empty post stays in the form, with what is wrong beside its field", async () => {
    await forget();
    await mock("acting");
    await open("/publish/studio");
    const before = (await asked()).length;
    for (const name of ["Send for approval", "Approve and send", "Check"]) {
      await page.getByRole("button", { name, exact: true }).click();
      const box = page.getByRole("textbox", { name: /^Text/ });
      await page.getByRole("alert").getByText("The post is empty").waitFor();
      assert.equal(await box.getAttribute("aria-invalid"), "true");
      const words = await page.locator(`#${await box.getAttribute("aria-describedby")}`).boundingBox();
      const field = await box.boundingBox();
      assert.ok(words.y >= field.y + field.height && words.y < field.y + field.height + 24, "it is not beneath its field");
      await until("the field has the focus", () => box.evaluate((one) => one === document.activeElement));
      assert.equal(new URL(page.url()).pathname, "/publish/studio");
    }
    assert.equal((await asked()).length, before);
    await page.getByRole("textbox", { name: /^Text/ }).fill("Words");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add a post to the thread" }).click();
    await page.getByRole("button", { name: "Send for approval" }).click();
    await page.getByRole("alert").getByText("This post is empty").waitFor();
    await until("the second has the focus", () =>
      page.evaluate(() => document.activeElement.closest("label")?.textContent.startsWith("Post 2")),
    );
    assert.equal((await asked()).length, before);
  });

  await check("an address that is none of a server is told beside its field", async () => {
    await open("/manage/accounts");
    const box = page.getByRole("textbox", { name: "Address of the server" });
    await box.fill("not a server");
    await page.getByRole("button", { name: "Sign in with Mastodon" }).click();
    await page.getByRole("alert").getByText("Write it like https://mastodon.social").waitFor();
    assert.equal(await box.getAttribute("aria-invalid"), "true");
    await box.fill("birds.example");
    await page.getByText("Write it like").waitFor({ state: "detached" });
  });

  await check("before what was read is removed, it is asked", async () => {
    await mock("acting");
    const revoked = async () => (await mock("state")).revoked.length;
    await open("/inbox/messages");
    await page.getByRole("button", { name: "Withdraw consent" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Does bea take it back?" });
    await dialog.getByText("removed for good").waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await revoked(), 0);
    await page.getByRole("button", { name: "Withdraw consent" }).first().click();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await revoked(), 0);
    await page.getByRole("button", { name: "Withdraw consent" }).first().click();
    await dialog.getByRole("button", { name: "Remove what was read" }).click();
    await until("it is revoked", async () => (await revoked()) === 1);
    await dialog.waitFor({ state: "hidden" });
  });

  await check("an answer in a conversation, a like and a boost have their keys too", async () => {
    await mock("acting");
    await open("/inbox/messages");
    await page.locator("main summary").first().click();
    await page.getByLabel("Answer").first().fill("Yes");
    await mock("acting?lose=1");
    const answer = page.getByRole("button", { name: "Send for approval" }).first();
    await answer.click();
    await page.getByText("Linnet does not answer").waitFor();
    await mock("acting?lose=0");
    await answer.click();
    await page.getByText("It waits under Approvals").waitFor();
    const { special } = await mock("state");
    await open(`/listen/posts/${special.instance_id}/${special.id}`);
    const follow = page.getByRole("button", { name: /^Follow @/ });
    for (const name of ["Like", "Boost", "Like", await follow.innerText()]) {
      const before = (await asked()).length;
      await page.getByRole("button", { name, exact: true }).click();
      await until("it arrived", async () => (await asked()).length > before);
      await page.getByText("It goes out now.").waitFor();
    }
    const keys = (await asked()).map((request) => request.request_key);
    assert.ok(keys.every(Boolean));
    assert.equal(new Set(keys).size, 5, keys.join());
    assert.ok((await asked()).at(-1).person_id);
    assert.ok(keys.length > 5, "the answer was not sent twice");
  });
  rmSync(folder, { recursive: true });
}
