// A real Chromium for the tests, and the words «ok» and «FAIL».
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const kSizes = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } };
const kArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser() {
  const folder = mkdtempSync(join(tmpdir(), "linnet-web-test-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: kArguments,
    viewport: kSizes[process.env.LINNET_WEB_WIDTH ?? 1440],
    colorScheme: "light",
    reducedMotion: "no-preference",
    locale: "en-GB",
  });
  context.setDefaultTimeout(30_000);
  return {
    context,
    close: async () => {
      await Promise.race([context.close(), new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// A page that writes down everything that went wrong in it.
export async function openPage(context, options = {}) {
  const page = await context.newPage();
  page.problems = [];
  page.violations = [];
  page.foreign = [];
  const asked = new Set();
  page.isAsking = () => asked.size > 0;
  page.on("request", (request) => asked.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => asked.delete(request));
  page.on("pageerror", (error) => page.problems.push(`exception: ${error.stack ?? error}`));
  page.on("console", (message) => {
    const text = message.text();
    if (/Content Security Policy|TrustedHTML|Trusted Type/i.test(text)) page.violations.push(text);
    else if (message.type() === "error" && !/Failed to load resource|WebSocket/.test(text)) page.problems.push(`console: ${text}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:", "about:"].includes(url.protocol) && url.origin !== options.origin) page.foreign.push(request.url());
  });
  return page;
}

export class Report {
  passed = 0;
  failed = 0;
  skipped = 0;

  // `mustRun`: nothing may be left out, as the data has all that the tests need.
  constructor(mustRun = false) {
    this.mustRun = mustRun;
  }

  // With LINNET_WEB_TIMES, what took over three seconds is said, with its seconds.
  async check(name, run) {
    const start = Date.now();
    await this.#check(name, run);
    const seconds = (Date.now() - start) / 1000;
    if (process.env.LINNET_WEB_TIMES && seconds > 3) console.log(`     ${seconds.toFixed(1)} s`);
  }

  async #check(name, run) {
    try {
      const outcome = await run();
      if (outcome?.skip && this.mustRun && !outcome.always) throw new Error(`it was left out: ${outcome.skip}`);
      if (outcome?.skip) {
        this.skipped += 1;
        console.log(`skip ${name}: ${outcome.skip}`);
        return;
      }
      this.passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      this.failed += 1;
      console.log(
        `FAIL ${name}\n     ${String(error?.message ?? error)
          .split("\n")
          .slice(0, 12)
          .join("\n     ")}`,
      );
    }
  }

  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed${this.skipped ? `, ${this.skipped} skipped` : ""}`);
    return this.failed === 0 ? 0 : 1;
  }
}

export async function until(what, probe, ms = 8000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

// Until a page has what it asked for, has drawn it, and nothing in it moves. What follows live messages is never quite still,
// and is waited for no longer than a pause would be.
export async function settled(page, ms = 700) {
  const end = Date.now() + ms;
  const still = 120;
  const quiet = () =>
    page.evaluate(
      ([most, pause]) =>
        new Promise((resolve) => {
          let timer = setTimeout(done, pause);
          const limit = setTimeout(done, most);
          const watch = new MutationObserver(() => (clearTimeout(timer), (timer = setTimeout(done, pause))));
          watch.observe(document.body, { subtree: true, childList: true, characterData: true });
          function done() {
            watch.disconnect();
            clearTimeout(limit);
            resolve();
          }
        }),
      [Math.max(still, end - Date.now()), still],
    );
  do await quiet();
  while (page.isAsking?.() && Date.now() < end);
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => 0))));
}
