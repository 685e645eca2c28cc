// acting.mjs BASE SERVER LINNET DATA: see acting.sh.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openBrowser, openPage, Report } from "./browser.mjs";

const [base, server, linnet, data] = process.argv.slice(2);
const report = new Report();
const { context, close } = await openBrowser();
const page = await openPage(context, { origin: base });
const run = (words, input = "") => execFileSync(linnet, ["--quiet", "--data", data, ...words], { encoding: "utf8", input });
const ofServer = async (path) => (await fetch(server + path, { headers: { authorization: "Bearer test-token-alice" } })).json();
const kText = "Good morning from the harbour 🐦";

await report.check("an account is added by its token", async () => {
  await page.goto(`${base}/accounts`);
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

await report.check("a post is written and checked: it asks a person", async () => {
  await page.goto(`${base}/write`);
  await page.getByLabel("Text").fill(kText);
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByText("asks a person").waitFor();
  assert.deepEqual((await ofServer("/api/v1/timelines/home")).filter((s) => s.content.includes("harbour")), []);
});

await report.check("it waits for approval", async () => {
  await page.getByRole("button", { name: "Send for approval" }).click();
  await page.getByRole("heading", { name: "Approvals" }).waitFor();
  await page.getByText(kText).waitFor();
  assert.equal(await page.locator("nav .badge").textContent(), "1");
});

await report.check("approved by the key a, it goes out", async () => {
  await page.keyboard.press("a");
  await page.getByText("Nothing waits for your word").waitFor();
});

await report.check("it is seen done, verified, with its evidence and every step", async () => {
  await page.getByRole("link", { name: "Done. It is under Actions." }).click();
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
  await page.goto(`${base}/approvals`);
  await page.getByRole("heading", { name: "with 1 more behind it in its thread" }).waitFor();
  await page.getByRole("button", { name: "Approve the whole thread" }).waitFor();
  await page.locator("article.request:focus").waitFor(); // its keys count from then on
  await page.keyboard.press("j");
  await page.getByText("Second of the tide").and(page.locator("article:focus *")).waitFor();
  await page.keyboard.press("k");
  await page.getByText("First of the tide").and(page.locator("article:focus *")).waitFor();
  await page.keyboard.press("t");
  await page.getByText("Nothing waits for your word").waitFor();
  const who = (await ofServer("/api/v1/accounts/verify_credentials")).id;
  let posts = [];
  for (let i = 0; i < 100 && posts.length < 2; i += 1) {
    await page.waitForTimeout(100);
    posts = (await ofServer(`/api/v1/accounts/${who}/statuses`)).filter((s) => s.content.includes("of the tide"));
  }
  const [first, second] = posts.sort((a, b) => (a.content.includes("First") ? -1 : 1));
  assert.equal(posts.length, 2);
  assert.equal(second.in_reply_to_id, first.id);
});

await report.check("the audit trail is whole", async () => {
  await page.goto(`${base}/audit`);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("each as it was written").waitFor();
});

await report.check("the blocklist takes an entry, and the tester finds it", async () => {
  await page.goto(`${base}/rules`);
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

await report.check("a person's data is looked at, saved and erased", async () => {
  const status = { id: "1", created_at: "2026-08-01T10:00:00.000Z", content: "<p>Mine</p>", replies_count: 0, reblogs_count: 0, favourites_count: 0, account: { id: "7", username: "bea", acct: "bea" } };
  const taken = await fetch(`${base}/api/v1/events?instance=https://social.example`, { method: "POST", body: JSON.stringify(status) });
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
  await page.locator("[data-stop]").click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop all" }).click();
  await page.getByText("Everything is stopped").waitFor();
  await page.locator("[data-resume]").click();
  await page.locator("[data-stop]").waitFor();
});

await report.check("once somebody has a password, everyone signs in", async () => {
  run(["user", "add", "ada", "--role", "admin"], "correct horse battery\n");
  await page.getByRole("heading", { name: "Sign in" }).waitFor(); // the open page is told by its live connection
  await page.goto(`${base}/approvals`);
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
  await page.getByText("Nothing waits for your word").waitFor();
  await page.locator("[data-stop]").click(); // changes need the session's own token, which a reload keeps
  await page.getByRole("dialog").getByRole("button", { name: "Stop all" }).click();
  await page.getByText("Everything is stopped").waitFor();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

await report.check("a token is made until a day, and shows it", async () => {
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).waitFor();
  await page.goto(`${base}/people`);
  const tokens = page.locator("section", { has: page.getByRole("heading", { name: "Tokens for programs" }) });
  const until = tokens.getByLabel("Expires at the end of");
  const ahead = (new Date(await until.inputValue()) - new Date()) / 86_400_000;
  assert.ok(ahead > 80 && ahead < 100, `a token holds ${ahead} days unless another day is chosen`);
  await tokens.getByLabel("What for").fill("backup");
  await until.fill("2099-12-30");
  await tokens.getByLabel("Requests a minute").fill("30");
  await tokens.getByRole("button", { name: "Make a token" }).click();
  await tokens.getByText("Shown this once").waitFor();
  const secret = await tokens.locator("code").textContent();
  const answer = await fetch(`${base}/api/v1/status`, { headers: { authorization: `Bearer ${secret}` } });
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
  assert.deepEqual(await tokens.locator("fieldset label").allTextContents(), ["read"]);
});

await report.check("nothing went wrong on the way", async () => {
  assert.deepEqual(page.problems, []);
  assert.deepEqual(page.violations, []);
  assert.deepEqual(page.foreign, []);
});

await close();
console.log(`${report.passed} passed, ${report.failed} failed`);
process.exit(report.failed ? 1 : 0);
