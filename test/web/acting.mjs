// acting.mjs BASE SERVER LINNET DATA CONTROL: see acting.sh.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { openBrowser, openPage, Report, until } from "./browser.mjs";
import { audit } from "./tests/access.mjs";

const [base, server, linnet, data, control] = process.argv.slice(2);
const report = new Report();
const { context, close } = await openBrowser();
const page = await openPage(context, { origin: base });
const run = (words, input = "") => execFileSync(linnet, ["--quiet", "--data", data, ...words], { encoding: "utf8", input });
const ofServer = async (path) => (await fetch(server + path, { headers: { authorization: "Bearer test-token-alice" } })).json();
const tell = async (name, wish) => (await fetch(`${control}/${name}`, { method: "POST", body: JSON.stringify(wish) })).json();
const ask = async (path, body) => (await fetch(`${base}/api/v1${path}`, body && { method: "POST", body: JSON.stringify(body) })).json();
// What no command does: trouble that only a platform makes.
const inDatabase = (sql) =>
  execFileSync("/usr/bin/python3", [
    "-c",
    "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], timeout=10); d.execute(sys.argv[2]); d.commit()",
    `${data}/linnet.db`,
    sql,
  ]);
const panel = (name) => page.locator("section", { has: page.getByRole("heading", { name }) });
const kPixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
// What must stand in each room before it is looked at: an empty one has no faults.
const kRooms = {
  "/publish/approvals": "[data-approval]",
  "/publish/activity": "main tbody tr",
  "/manage/accounts": "[aria-labelledby^=account-] details",
  "/manage/rules": "main tbody tr",
  "/publish/studio": "main textarea",
};
const kText = "Good morning from the harbour 🐦";

await report.check("an account is added by its token", async () => {
  await page.goto(`${base}/manage/accounts`);
  await page.getByText("No account yet").waitFor();
  await page.getByLabel("Address of the server").fill(server);
  await page.getByLabel("Access token").fill("test-token-nobody");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("alert").waitFor(); // a wrong token says so, and nothing is lost
  await page.getByLabel("Access token").fill("test-token-alice");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name: "@alice" }).waitFor();
  await page.getByText("Ready").waitFor();
});

await report.check("quiet hours and limits are set, and kept", async () => {
  await page.getByText("Limits, quiet hours, approval").click();
  await page.getByLabel("Likes an hour").fill("12");
  const saved = page.waitForResponse((response) => response.request().method() !== "GET" && response.ok());
  await page.getByRole("button", { name: "Save" }).click();
  await saved;
  await page.reload();
  await page.getByText("Limits, quiet hours, approval").click();
  assert.equal(await page.getByLabel("Likes an hour").inputValue(), "12");
});

await report.check("every setting is there, and kept", async () => {
  const settings = page.getByRole("form", { name: "Settings of alice" });
  await settings.getByLabel("Go slowly in the first days").uncheck();
  await settings.getByLabel("After a like").fill("7");
  await settings.getByLabel("After a comment").fill("0");
  await settings.getByLabel("waits this many hours").fill("5");
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByText("Saved.").waitFor();
  const { settings: kept } = (await ask("/accounts")).items[0];
  assert.deepEqual([kept.warmUp, kept.cooldown.afterLike, kept.approvalHours], [false, 7, 5]);
});

await report.check("quiet hours are drawn for each day, by keyboard too", async () => {
  const settings = page.getByRole("form", { name: "Settings of alice" });
  await settings.getByLabel("Each day of the week has its own").check();
  const cell = (name) => settings.getByRole("gridcell", { name });
  await cell("Monday 00:00").focus(); // quiet in the hours of every day, from 23 to 7
  assert.equal(await cell("Monday 00:00").getAttribute("aria-selected"), "true");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Tuesday 01:00");
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Tuesday 23:00");
  await settings.getByRole("button", { name: "Sun all day" }).click();
  assert.equal(await settings.locator("[data-cell][tabindex='0']").count(), 1); // one stop of the tab key
  await settings.getByLabel("Nothing goes out in these hours").uncheck();
  await settings.getByRole("button", { name: "Save" }).click();
  await settings.getByText("Saved.").waitFor();
  const { quietHours } = (await ask("/accounts")).items[0].settings;
  assert.deepEqual(quietHours.week.monday, [1, 2, 3, 4, 5, 6, 23]);
  assert.deepEqual(quietHours.week.tuesday, [0, 2, 3, 4, 5, 6, 23]);
  assert.equal(quietHours.week.sunday.length, 24);
  await page.reload();
  await page.getByText("Limits, quiet hours, approval").click();
  assert.equal(await cell("Tuesday 01:00").getAttribute("aria-selected"), "false");
  assert.equal(await cell("Tuesday 02:00").getAttribute("aria-selected"), "true");
});

await report.check("an account signs in by the browser, and again only as itself", async () => {
  const away = await openPage(context, { origin: base }); // goes to the network and comes back
  await away.goto(`${base}/manage/accounts`);
  await away.getByLabel("Address of the server").fill(server);
  await away.getByRole("button", { name: "Sign in with Mastodon" }).click();
  await away.getByText("Signed in as alice.").waitFor();
  assert.equal(new URL(away.url()).pathname, "/manage/accounts");
  inDatabase("UPDATE accounts SET credential_state = 'signed_out', credential_error = 'the token was revoked'");
  await tell("settings", { login_as: "bob" });
  await away.goto(`${base}/manage/accounts`);
  await away.getByText("the token was revoked", { exact: true }).waitFor();
  await away.getByRole("button", { name: "Sign in again" }).click();
  await away.getByText("Not signed in").waitFor();
  await away.getByText("bob's, and the account is alice").waitFor();
  assert.ok(!away.url().includes("code="));
  await tell("settings", { login_as: "alice" });
  await away.getByRole("link", { name: "Back to Accounts" }).click();
  await away.getByRole("button", { name: "Sign in again" }).click();
  await away.getByText("Signed in as alice.").waitFor();
  await away.getByText("Ready").waitFor();
  assert.equal((await ask("/accounts")).items.length, 1);
  assert.deepEqual(away.problems, []);
  assert.deepEqual(away.violations, []);
  await away.close();
});

await report.check("a pause is seen with its reason and its end, and is ended", async () => {
  inDatabase(`UPDATE accounts SET paused_until = ${(Date.now() + 3_600_000) * 1000}, pause_reason = '5 of 6 actions failed'`);
  await page.goto(`${base}/manage/accounts`);
  await page.getByText("Paused", { exact: true }).waitFor();
  await page.getByText(/^Paused until .*: 5 of 6 actions failed$/).waitFor();
  await page.locator("nav.areas [data-area=home] .badge").waitFor();
  await page.goto(`${base}/`);
  await page.locator(".notices").getByText("5 of 6 actions failed").waitFor();
  await page.locator(".notices").getByRole("link", { name: "Accounts" }).click();
  await page.getByRole("button", { name: "I looked at it: resume" }).click();
  await page.getByText("Ready").waitFor();
  await page.locator("nav.areas [data-area=home] .badge").waitFor({ state: "detached" });
});

await report.check("an account is switched off and on", async () => {
  const on = page.getByRole("switch", { name: "Active: Linnet may act from this account" });
  await on.click();
  await page.getByText("Off", { exact: true }).waitFor();
  await page.goto(`${base}/publish/studio`);
  await page.getByText("There is no account to write with yet").waitFor();
  await page.goto(`${base}/manage/accounts`);
  await on.click();
  await page.getByText("Ready").waitFor();
});

await report.check("a post is written and checked: it asks a person", async () => {
  await page.goto(`${base}/publish/studio`);
  await page.getByLabel("Text").fill(kText);
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("asks a person").waitFor();
  assert.deepEqual(
    (await ofServer("/api/v1/timelines/home")).filter((s) => s.content.includes("harbour")),
    [],
  );
});

await report.check("it waits for approval", async () => {
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Approvals" }).waitFor();
  await page.getByText(kText).waitFor();
  assert.match(await page.locator("nav.areas [data-area=publish] .badge").textContent(), /^1 /);
});

await report.check("approved by the key a, it goes out", async () => {
  await page.locator("article.request:focus").waitFor(); // its keys count from then on
  await page.keyboard.press("a");
  await page.getByText("Nothing to approve").waitFor();
});

await report.check("it is seen done, verified, with its evidence and every step", async () => {
  await page.getByRole("link", { name: "Done. It is under Activity." }).click();
  await page.getByRole("link", { name: "Post", exact: true }).first().click();
  await page.locator("[data-verified=true]").first().waitFor();
  await page.getByText("95 % sure").waitFor();
  assert.ok((await page.locator(".steps li").count()) >= 4);
});

await report.check("the server has it once, as it was written", async () => {
  const who = (await ofServer("/api/v1/accounts/verify_credentials")).id;
  const posts = (await ofServer(`/api/v1/accounts/${who}/statuses`)).filter((s) => s.content.includes(kText));
  assert.equal(posts.length, 1);
});

await report.check("a thread is approved as one by the key t, and goes out whole", async () => {
  run(["action", "do", "publish", "--account", "alice", "--text", "First of the tide", "--text", "Second of the tide"]);
  await page.goto(`${base}/publish/approvals`);
  await page.getByRole("heading", { name: "with 1 more behind it in its thread" }).waitFor();
  await page.getByRole("button", { name: "Approve the whole thread" }).waitFor();
  await page.locator("article.request:focus").waitFor(); // its keys count from then on
  await page.keyboard.press("j");
  await page.getByText("Second of the tide").and(page.locator("article:focus *")).waitFor();
  await page.keyboard.press("k");
  await page.getByText("First of the tide").and(page.locator("article:focus *")).waitFor();
  await page.keyboard.press("t");
  await page.getByText("Nothing to approve").waitFor();
  const who = (await ofServer("/api/v1/accounts/verify_credentials")).id;
  let posts = [];
  for (let i = 0; i < 100 && posts.length < 2; i += 1) {
    await page.waitForTimeout(100);
    posts = (await ofServer(`/api/v1/accounts/${who}/statuses`)).filter((s) => s.content.includes("of the tide"));
  }
  const [first, second] = posts.sort((a, _b) => (a.content.includes("First") ? -1 : 1));
  assert.equal(posts.length, 2);
  assert.equal(second.in_reply_to_id, first.id);
});

await report.check("whoever decides sees all that goes out, and what it answers", async () => {
  await tell("publish", { account: "bob", text: "How is the harbour today?" });
  const asked = (await ofServer("/api/v1/timelines/public")).find((s) => s.content.includes("How is the harbour"));
  await ask(`/events?instance=${encodeURIComponent(server)}`, asked);
  await until("the post is known", async () => (await ask("/posts?query=today")).items.length === 1);
  await page.goto(`${base}/publish/studio?reply=${asked.id}`);
  await page.getByLabel("Text").fill("Calm, with a boat.");
  const boat = Buffer.concat([kPixel, Buffer.alloc(13e6, "sea")]); // more than a request in JSON takes
  writeFileSync(`${data}/boat.png`, boat);
  await page.getByLabel("Pictures", { exact: true }).setInputFiles(`${data}/boat.png`);
  await page.getByLabel("Description of boat.png").fill("A boat at its mooring");
  await page.getByLabel("Content warning").fill("the sea");
  await page.getByLabel("Who sees it").selectOption("unlisted");
  await page.getByLabel("Language").selectOption("en");
  await page.getByLabel("The pictures are sensitive").check();
  await page.getByLabel("Not after").fill("2099-01-01T00:00");
  await page.getByRole("button", { name: "Send for approval" }).click();
  const card = page.locator("[data-approval]");
  await card.getByText("How is the harbour today?").waitFor();
  await card.getByText("Answers bob").waitFor();
  assert.equal(await card.getByRole("link", { name: "on the network" }).getAttribute("href"), asked.url);
  const picture = card.getByRole("img", { name: "A boat at its mooring" });
  await until("the picture is there", () => picture.evaluate((image) => image.complete && image.naturalWidth === 1));
  for (const fact of ["@alice on 127.0.0.1", "the sea", "Everybody, but not in public lists", "marked sensitive", "asks a person"])
    await card.getByText(fact).first().waitFor();
  await card.getByText("Not after").waitFor();
  await page.goto(`${base}/manage/accounts`);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByText("1 pending action will be cancelled").waitFor();
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.goto(`${base}/publish/approvals`);
  await card.getByText("Calm, with a boat.").waitFor();
  await page.locator("article.request:focus").waitFor(); // its keys count from then on
  await page.keyboard.press("a");
  await page.getByText("Nothing to approve").waitFor();
  const answer = await until("it is out", async () =>
    (await ofServer(`/api/v1/statuses/${asked.id}/context`)).descendants.find((s) => s.content.includes("with a boat")),
  );
  assert.deepEqual([answer.spoiler_text, answer.visibility, answer.language, answer.sensitive], ["the sea", "unlisted", "en", true]);
  assert.equal(answer.media_attachments[0].description, "A boat at its mooring");
  const { files } = await (await fetch(`${control}/effects`)).json();
  assert.equal(files[createHash("sha256").update(boat).digest("hex")], 1);
});

await report.check("a thread has pictures for each post, and a poll", async () => {
  await page.goto(`${base}/publish/studio`);
  await page.getByLabel("Text").fill("Which boat first?");
  await page.getByRole("button", { name: "Add a post to the thread" }).click();
  await page.getByRole("button", { name: "Add a poll of post 1" }).click();
  await page.getByLabel("Answer 1").fill("The red one");
  await page.getByLabel("Answer 2").fill("The blue one");
  await page.getByLabel("Open for").selectOption("3600");
  await page.getByLabel("Post 2").first().fill("Both, seen from the pier");
  await page.getByLabel("Pictures of post 2").setInputFiles({ name: "pier.png", mimeType: "image/png", buffer: kPixel });
  await page.getByLabel("Description of pier.png").fill("Two boats");
  await page.getByRole("button", { name: "Approve and send" }).click();
  const who = (await ofServer("/api/v1/accounts/verify_credentials")).id;
  const posts = await until("both are out", async () => {
    const mine = (await ofServer(`/api/v1/accounts/${who}/statuses`)).filter((s) => /Which boat|Both, seen/.test(s.content));
    return mine.length === 2 && mine;
  });
  const [first, second] = posts.sort((a) => (a.content.includes("Which") ? -1 : 1));
  assert.deepEqual(
    first.poll.options.map((option) => option.title),
    ["The red one", "The blue one"],
  );
  assert.equal(second.in_reply_to_id, first.id);
  assert.equal(second.media_attachments[0].description, "Two boats");
});

await report.check("a post is left to the server's own scheduler", async () => {
  await page.goto(`${base}/publish/studio`);
  await page.getByLabel("Text").fill("High tide tomorrow");
  const tomorrow = new Date(Date.now() + 86_400_000);
  await page.getByLabel("When (empty: now)").fill(`${tomorrow.toISOString().slice(0, 10)}T12:00`);
  await page.getByLabel("Hand it over now").check();
  await page.getByRole("button", { name: "Approve and send" }).click();
  await page.getByText("Done, verified").waitFor();
  await page.getByText("the network’s own scheduler").waitFor();
  const waiting = await ofServer("/api/v1/scheduled_statuses");
  assert.deepEqual(
    waiting.map((entry) => entry.params.text),
    ["High tide tomorrow"],
  );
});

await report.check("what a look did not show is told, and settled by a person", async () => {
  const { id } = (await ask("/actions?type=publish&status=success")).items.find((a) => a.text === kText);
  assert.equal((await ask("/notices")).items.filter((n) => n.kind === "unverified").length, 0);
  inDatabase(`UPDATE verification_results SET verified = 0 WHERE action_attempt_id = '${id}'`);
  await page.goto(`${base}/publish/activity`);
  await page.getByRole("cell", { name: "Done, not seen on the platform" }).waitFor();
  await page.goto(`${base}/`);
  await page.locator(".notices").getByRole("link", { name: "Look at them" }).click();
  await page.getByRole("cell", { name: "Done, not seen on the platform" }).waitFor();
  assert.equal(await page.getByRole("row").count(), 2); // with the head
  await page.getByRole("link", { name: "Post", exact: true }).click();
  await page.getByRole("button", { name: "I looked: it happened" }).click();
  await page.getByText("Done, verified").waitFor();
  await page.goto(`${base}/publish/activity`);
  await page.getByText("Done, verified").first().waitFor();
  await page.locator("nav.areas [data-area=home] .badge").waitFor({ state: "detached" });
});

await report.check("the audit trail is whole", async () => {
  await page.goto(`${base}/manage/audit`);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("each as it was written").waitFor();
});

await report.check("the blocklist takes an entry, and the tester finds it", async () => {
  await page.goto(`${base}/manage/rules`);
  const form = page.locator("section", { has: page.getByRole("heading", { name: "Add an entry" }) });
  await form.getByLabel("What").selectOption("domain");
  await form.getByLabel("Value").fill("spam.example");
  await form.getByLabel("Why").fill("ads");
  await form.getByRole("button", { name: "Add" }).click();
  await page.getByRole("cell", { name: "spam.example" }).waitFor();
  const tester = page.locator("section", { has: page.getByRole("heading", { name: "Try it" }) });
  await tester.getByLabel("Text").fill("see https://shop.spam.example/x");
  await tester.getByRole("button", { name: "Try" }).click();
  await tester.getByText("ads").waitFor();
});

await report.check("a list is imported, and what is left out is named by its line", async () => {
  await page.getByLabel("A CSV file as Mastodon exports it").setInputFiles({
    name: "domains.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("#domain,#severity\nads.example,suspend\nnot a domain,suspend\n"),
  });
  await page.getByText("1 new, 0 there already. Left out: line 3").waitFor();
  await page.getByRole("cell", { name: "ads.example" }).waitFor();
});

await report.check("an entry has a network and an end, and shows who added it", async () => {
  const form = panel("Add an entry");
  await form.getByLabel("What").selectOption("user");
  await form.getByLabel("Value").fill("rude@far.example");
  await form.getByLabel("Network").selectOption("mastodon");
  await form.getByLabel("Until").fill("2099-01-01T00:00");
  await form.getByLabel("Why").fill("rude");
  await form.getByRole("button", { name: "Add" }).click();
  const row = page.getByRole("row").filter({ hasText: "rude@far.example" });
  await row.getByRole("cell", { name: "Mastodon", exact: true }).waitFor();
  await row.getByText("owner").waitFor();
  await row.getByText("2099").waitFor();
});

await report.check("the tester asks as the gate does: profiles, and ids on their server", async () => {
  const tester = panel("Try it");
  await ask("/opt-outs", { platform: "mastodon", user_id: "42", server_id: "home.example" });
  await tester.getByLabel("Text").fill("");
  await tester.getByLabel("What their profile says").fill("I paint #nobot");
  await tester.getByRole("button", { name: "Try" }).click();
  await tester.getByText("profile says #nobot").waitFor();
  await tester.getByLabel("What their profile says").fill("");
  await tester.getByLabel("Person").fill("42");
  await tester.getByLabel("Server").fill("home.example");
  await tester.getByRole("button", { name: "Try" }).click();
  await tester.getByText("the person opted out").waitFor();
  await tester.getByLabel("Server").fill("far.example");
  await tester.getByRole("button", { name: "Try" }).click();
  await tester.getByText("Nothing stands against it.").waitFor();
});

await report.check("the list is exported as Mastodon reads it", async () => {
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export the domains" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "linnet-domains.csv");
  const text = await (await file.createReadStream()).toArray().then((parts) => Buffer.concat(parts).toString());
  assert.match(text, /^#domain,#severity.*\n(.*\n)*spam\.example,suspend/);
});

await report.check("limits and quiet hours are at hand among the rules", async () => {
  const rules = panel("Limits, quiet hours, approval");
  await rules.getByText("@alice").click();
  assert.equal(await rules.getByLabel("Likes an hour").inputValue(), "12");
});

await report.check("an opt-out is taken back by who can say where", async () => {
  if (!("/api/v1/opt-outs/taken-back" in (await (await fetch(`${base}/api/openapi.json`)).json()).paths))
    return { skip: "this program takes none back" };
  await page.reload();
  const people = panel("People who opted out");
  await people.getByText("42").waitFor();
  await people.getByRole("button", { name: "They took it back" }).click();
  await people.getByLabel("Where they said so").fill("https://home.example/@ada/1");
  await people.getByRole("button", { name: "Deal with them again" }).click();
  await people.getByText("Nobody has asked to be left alone.").waitFor();
});

await report.check("the rooms hold no accessibility fault (axe), in light and dark", async () => {
  await page.goto(`${base}/publish/studio`);
  await page.getByLabel("Text").fill("A second look");
  await page.getByLabel("Pictures", { exact: true }).setInputFiles({ name: "pier.png", mimeType: "image/png", buffer: kPixel });
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Approvals" }).waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [path, content] of Object.entries(kRooms)) {
      await page.goto(base + path);
      await page.locator(content).first().waitFor();
      await page.waitForTimeout(600);
      for (const summary of await page.locator("main summary").all()) await summary.click();
      assert.deepEqual(await audit(page), [], `${path}, ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
});

await report.check("on a phone they do not scroll sideways", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [path, content] of Object.entries(kRooms)) {
    await page.goto(base + path);
    await page.locator(content).first().waitFor();
    await page.waitForTimeout(500);
    for (const summary of await page.locator("main summary").all()) await summary.click();
    const wide = await page.evaluate(() => {
      const beyond = [...document.querySelectorAll("main *")].filter(
        (e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".wide, .week-scroll"),
      );
      return { width: document.documentElement.scrollWidth, by: beyond.map((e) => e.outerHTML.slice(0, 80)) };
    });
    assert.ok(wide.width <= 360, `${path}: ${wide.width}, by ${wide.by.slice(-3).join(" ")}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${base}/publish/approvals`);
  await page.locator("[data-approval]").first().waitFor();
  await page.locator("article.request:focus").waitFor(); // its keys count from then on
  await page.keyboard.press("r");
  await page.getByText("Nothing to approve").waitFor();
  await page.goto(`${base}/manage/rules`);
});

await report.check("a person's data is looked at, saved and erased", async () => {
  const status = {
    id: "1",
    created_at: "2026-08-01T10:00:00.000Z",
    content: "<p>Mine</p>",
    replies_count: 0,
    reblogs_count: 0,
    favourites_count: 0,
    account: { id: "7", username: "bea", acct: "bea" },
  };
  const taken = await fetch(`${base}/api/v1/events?instance=https://social.example`, { method: "POST", body: JSON.stringify(status) });
  await taken.arrayBuffer();
  assert.equal(taken.status, 201);
  const panel = page.locator("section", { has: page.getByRole("heading", { name: "Somebody asks for their data" }) });
  const look = async () => {
    await panel.getByLabel("Address").fill("bea@social.example");
    await panel.getByRole("button", { name: "Look" }).click();
  };
  for (let i = 0; i < 50 && !(await panel.getByText("1 posts").isVisible()); i += 1) {
    await look();
    await page.waitForTimeout(100);
  }
  const download = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Save it all as a file" }).click();
  assert.equal((await download).suggestedFilename(), "bea@social.example.json");
  assert.ok(await panel.getByRole("button", { name: "Erase" }).isDisabled());
  await panel.getByLabel("write the address again").fill("bea@social.example");
  await panel.getByRole("button", { name: "Erase" }).click();
  await panel.getByText("is erased").waitFor();
  await look();
  await panel.getByRole("alert").waitFor(); // nobody has that address any more
});

await report.check("the emergency stop holds, and lets go", async () => {
  await page.goto(`${base}/publish/activity`);
  await page.locator("[data-stop]").click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop publishing" }).click();
  await page.getByText("Publishing is stopped.").waitFor();
  await page.locator("[data-resume]").click();
  await page.locator("[data-stop]").waitFor();
});

await report.check("once somebody has a password, everyone signs in", async () => {
  run(["user", "add", "ada", "--role", "admin"], "correct horse battery\n");
  await page.getByRole("heading", { name: "Sign in" }).waitFor(); // the open page is told by its live connection
  await page.goto(`${base}/publish/approvals`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("the name or the password is wrong").waitFor();
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Approvals" }).waitFor();
  await page.locator("[data-live=open]").waitFor();
  await page.reload();
  await page.getByText("Nothing to approve").waitFor();
  await page.locator("[data-stop]").click(); // changes need the session's own token, which a reload keeps
  await page.getByRole("dialog").getByRole("button", { name: "Stop publishing" }).click();
  await page.getByText("Publishing is stopped.").waitFor();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

await report.check("a token is made until a day, and shows it", async () => {
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).waitFor();
  await page.goto(`${base}/manage/people`);
  const tokens = page.locator("section", { has: page.getByRole("heading", { name: "Tokens for programs" }) });
  const until = tokens.getByLabel("Expires at the end of");
  const ahead = (new Date(await until.inputValue()) - Date.now()) / 86_400_000;
  assert.ok(ahead > 80 && ahead < 100, `a token holds ${ahead} days unless another day is chosen`);
  await tokens.getByLabel("What for").fill("backup");
  await until.fill("2099-12-30");
  await tokens.getByLabel("Requests a minute").fill("30");
  await tokens.getByRole("button", { name: "Make a token" }).click();
  await tokens.getByText("Shown this once").waitFor();
  const secret = await tokens.locator("code", { hasText: /^lin_[\w-]{20,}/ }).textContent();
  const answer = await fetch(`${base}/api/v1/status`, { headers: { authorization: `Bearer ${secret}` } });
  await answer.arrayBuffer();
  assert.equal(answer.headers.get("x-ratelimit-limit"), "30");
  const shown = tokens.getByRole("listitem").filter({ hasText: "backup" });
  await shown.getByText(/expires .*2099/).waitFor();
  await until.fill("");
  await tokens.getByLabel("What for").fill("for ever");
  await tokens.getByRole("button", { name: "Make a token" }).click();
  await tokens.getByRole("listitem").filter({ hasText: "for ever" }).getByText("never expires").waitFor();
  await shown.getByRole("button", { name: "Revoke" }).click();
  await shown.getByText("revoked").waitFor();
});

await report.check("one's own password is changed, by whoever knows it", async () => {
  const form = page.locator("section", { has: page.getByRole("heading", { name: "Your password" }) });
  const change = async (now, next, again) => {
    await form.getByLabel("Password now").fill(now);
    await form.getByLabel("New password (10").fill(next);
    await form.getByLabel("New password once more").fill(again);
    await form.getByRole("button", { name: "Change password" }).click();
  };
  await change("correct horse battery", "another horse battery", "another horse, typed wrong");
  await form.getByText("not the same").waitFor();
  await change("not the password", "another horse battery", "another horse battery");
  await form.getByText("the name or the password is wrong").waitFor();
  await change("correct horse battery", "another horse battery", "another horse battery");
  await form.getByText("Changed.").waitFor();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password").fill("another horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Your password" }).waitFor();
});

await report.check("a viewer sees their own access, and nobody else's", async () => {
  run(["user", "add", "vera"], "correct horse battery\n");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("Name").fill("vera");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Your password" }).waitFor();
  assert.equal(await page.getByRole("heading", { name: "Add a person" }).count(), 0);
  assert.equal(await page.getByRole("alert").count(), 0);
  const tokens = page.locator("section", { has: page.getByRole("heading", { name: "Tokens for programs" }) });
  assert.equal(await tokens.getByText("backup").count(), 0);
  assert.deepEqual(await tokens.locator("fieldset label").allTextContents(), ["Read"]);
});

await report.check("nothing went wrong on the way", async () => {
  assert.deepEqual(page.problems, []);
  assert.deepEqual(page.violations, []);
  assert.deepEqual(page.foreign, []);
});

await close();
process.exit(report.finish());
