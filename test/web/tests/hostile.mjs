import assert from "node:assert/strict";

// What a stranger's HTML must never become, wherever it is shown.
const findHarm = () => {
  const found = [];
  for (const element of document.querySelectorAll("main *")) {
    if (
      ["SCRIPT", "IFRAME", "OBJECT", "EMBED", "STYLE", "FORM", "BASE", "META", "LINK", "TEMPLATE"].includes(element.tagName) &&
      element.closest(".content, .diff, .payload, .byline, .tags")
    )
      found.push(element.tagName);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc") found.push(`${element.tagName} ${name}`);
      if (["href", "src", "action"].includes(name) && /^\s*(javascript|data:text|vbscript)/i.test(value))
        found.push(`${name}=${value.slice(0, 60)}`);
      if (name === "style" && element.closest(".content")) found.push(`style on ${element.tagName}`);
    }
  }
  for (const link of document.querySelectorAll(".content a[target]")) {
    if (!/noopener/.test(link.rel) || !/noreferrer/.test(link.rel)) found.push(`rel=${link.rel}`);
  }
  return { found, harmed: window.__harmed };
};

export async function testHostile({ check, open, page, isMock, api, base }) {
  await check("posts that carry scripts are shown without them", async () => {
    if (!isMock) return { skip: "needs the mock's unsanitised posts" };
    await open("/listen/posts?query=hostile");
    await page.locator(".posts [data-item]").nth(7).waitFor();
    for (const summary of await page.locator(".spoiler summary").all()) await summary.click();
    const { found, harmed } = await page.evaluate(findHarm);
    assert.equal(harmed, undefined, `a script ran: ${harmed}`);
    assert.deepEqual(found, []);
    const text = await page.locator(".posts").innerText();
    for (const part of [
      "hostile-script",
      "hostile-img",
      "hostile-links",
      "hostile-style",
      "hostile-deep",
      "hostile-long",
      "hostile-zalgo",
    ]) {
      assert.ok(text.includes(part), `${part} is not shown`);
    }
    assert.equal(await page.getByText("press me").evaluate((element) => element.closest("a")), null);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
  });

  await check("each of them on its own page, clicked and pointed at", async () => {
    if (!isMock) return { skip: "needs the mock's unsanitised posts" };
    const { items } = await api("/posts?query=hostile");
    for (const post of items) {
      await open(`/listen/posts/${post.instance_id}/${post.id}`);
      await page.locator(".post").first().waitFor();
      const summary = page.locator(".spoiler summary").first();
      if (await summary.count()) await summary.click();
      await page.locator(".post").first().hover();
      await page
        .locator(".post-body")
        .first()
        .click({ position: { x: 3, y: 40 } });
      const { found, harmed } = await page.evaluate(findHarm);
      assert.equal(harmed, undefined, `a script ran: ${harmed}`);
      assert.deepEqual(found, []);
    }
  });

  await check("hostile names of hashtags are only text", async () => {
    if (!isMock) return { skip: "needs the mock" };
    await open("/listen/hashtags");
    await page.locator(".trends tbody tr").last().locator("a").click();
    await page.waitForURL(/\/listen\/hashtags\/%3C/);
    await page.locator(".chart canvas").waitFor();
    const { found, harmed } = await page.evaluate(findHarm);
    assert.equal(harmed, undefined);
    assert.deepEqual(found, []);
  });

  await check("the app itself never strains its policy", async () => {
    page.violations.length = 0;
    for (const path of ["/", "/listen/live", "/listen/posts?sort=engagement", "/listen/hashtags", "/manage/system"]) {
      await open(path);
      await page.waitForTimeout(800);
    }
    // Raw hostile HTML is reported when it is taken apart, though nothing of it runs; a program's own answers are clean.
    const own = isMock ? page.violations.filter((text) => !/inline event handler|inline style/.test(text)) : page.violations;
    assert.deepEqual(own, []);
  });

  await check("the policy would stop an inline script, and HTML by any other door", async () => {
    const problemsBefore = page.problems.length;
    const outcome = await page.evaluate(() => {
      const script = document.createElement("script");
      let refused = false;
      try {
        script.textContent = "window.__inline = 1";
        document.head.append(script);
      } catch {
        refused = true;
      }
      let html = "set";
      try {
        document.createElement("div").innerHTML = "<b>x</b>";
      } catch {
        html = "refused";
      }
      return { ran: window.__inline === 1, refused, html };
    });
    assert.equal(outcome.ran, false);
    assert.equal(outcome.html, "refused", "the header lacks require-trusted-types-for");
    // These two tries alone are forgotten; what went wrong before them is not.
    page.problems.splice(problemsBefore);
    page.violations.length = 0;
  });

  await check("real posts' links open outside without telling where from", async () => {
    await page.goto(`${base}/listen/posts`);
    await page.locator(".posts [data-item]").first().waitFor();
    const { found } = await page.evaluate(findHarm);
    assert.deepEqual(found, []);
  });
}
