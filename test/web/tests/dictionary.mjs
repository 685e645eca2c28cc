import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { settled } from "../browser.mjs";

const kRoot = fileURLToPath(new URL("../../../", import.meta.url));

// What no page may show. Code is set apart as such, and what people wrote is theirs.
const kRaw = {
  "a time as machines write it": /\d{4}-\d\d-\d\dT\d\d:\d\d/,
  "a name of the program's insides": /(^|[\s(])[a-z]+_[a-z_]+(?=$|[\s),.:;])|brand.new.value/i,
  "an id": /\b[0-9a-f]{8}-[0-9a-f]{4}-|\b[0-9a-f]{16,}\b|\bacc-\d/,
  "what HTTP calls it":
    /\bHTTP\b|\b[45]\d\d (Forbidden|Unauthorized|Not Found|Conflict|Bad|Internal|Service)|\b(Forbidden|Unauthorized|Bad Gateway|Bad Request)\b/,
  "what OpenSSL says": /SSL routines|error:[0-9A-F]{8}/,
  "no value": /\b(undefined|null|NaN|\[object)\b/,
};

const kRooms = [
  "/",
  "/listen/live",
  "/listen/posts",
  "/listen/posts?view=edited",
  "/listen/posts?view=gaining",
  "/listen/hashtags",
  "/listen/hashtags/birds",
  "/inbox/messages",
  "/publish/studio",
  "/publish/approvals",
  "/publish/activity",
  "/publish/activity/a1",
  "/publish/activity/a3",
  "/manage/accounts",
  "/manage/rules",
  "/manage/people",
  "/manage/audit",
  "/manage/system",
  "/manage/system?failed=true",
];

const wordsOf = (page) =>
  page.evaluate(() => {
    const left = document.body.cloneNode(true);
    for (const one of left.querySelectorAll("code, pre, .post, blockquote, kbd, script, .thumbnail")) one.remove();
    const attributes = [...left.querySelectorAll("[title], [aria-label], [placeholder]")].flatMap((one) =>
      ["title", "aria-label", "placeholder"].map((name) => one.getAttribute(name) ?? ""),
    );
    // Each text by itself: two that stand side by side are no one word.
    const walker = document.createTreeWalker(left, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode.nodeValue.trim());
    return [...texts, ...attributes].filter(Boolean);
  });

// The dictionary itself, as the app has it.
async function dictionary() {
  const folder = mkdtempSync(join(tmpdir(), "linnet-words-"));
  const { build } = createRequire(join(kRoot, "web/package.json"))("esbuild");
  const outfile = join(folder, "words.mjs");
  const entry = 'export * from "./lib/words.ts"; export { kAuditEvents } from "./lib/audit.ts";';
  await build({
    stdin: { contents: entry, resolveDir: join(kRoot, "web/src"), loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    logLevel: "warning",
    // No page is there, and the app's clock would keep these tests from ever ending.
    banner: { js: "globalThis.document ??= { addEventListener() {}, hidden: true }; const setInterval = () => 0;" },
  });
  const words = await import(pathToFileURL(outfile));
  rmSync(folder, { recursive: true });
  return words;
}

function namesIn(header, name) {
  const text = readFileSync(join(kRoot, "src", header), "utf8");
  const body = new RegExp(`enum class ${name}\\b[^{]*\\{([^}]*)\\}`).exec(text)?.[1].replace(/\/\/.*/g, "");
  assert.ok(body, `${header} has no ${name}`);
  return body
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

export async function testDictionary({ check, open, page, mock, isMock }) {
  if (!isMock) return;
  await mock("acting");

  for (const [how, command] of [
    ["as the program answers now", "raw?on=0"],
    ["as a newer program may answer, with states that are not known here", "raw?on=1"],
  ]) {
    await check(`no page shows a raw state, id, time or HTTP reason: ${how}`, async () => {
      await mock(command);
      try {
        const found = [];
        for (const path of kRooms) {
          await open(path);
          await settled(page);
          for (const summary of await page.locator("main details:not(.audit-details) > summary").all()) await summary.click();
          await settled(page, 300);
          const texts = await wordsOf(page);
          assert.ok(texts.length > 10, `${path} shows nothing`);
          for (const text of texts)
            for (const [what, raw] of Object.entries(kRaw)) if (raw.test(text)) found.push(`${path}: ${what}: ${text.slice(0, 120)}`);
        }
        assert.deepEqual([...new Set(found)], []);
      } finally {
        await mock("raw?on=0");
      }
    });
  }

  await check("every state and kind that the program has has a word of its own", async () => {
    if (!existsSync(join(kRoot, "src/model/action.hpp"))) return { skip: "the sources are not here", always: true };
    const words = await dictionary();
    const missing = [];
    const each = (header, name, word, but = []) => {
      const general = word("brand_new_value");
      for (const value of namesIn(header, name)) if (!but.includes(value) && word(value) === general) missing.push(`${name}: ${value}`);
    };
    const inTable = (table) => (value) => table[value];
    each("model/action.hpp", "ActionType", words.typeWord);
    each("model/action.hpp", "ActionStatus", inTable(words.kStatusWords));
    each("govern/access.hpp", "Permission", inTable(words.kRights), ["open"]);
    each("govern/access.hpp", "Role", inTable(words.kRoles));
    each("govern/blocklist_entry.hpp", "EntryType", words.entryWord);
    each("govern/blocklist_entry.hpp", "MatchType", words.matchWord);
    each("govern/blocklist_entry.hpp", "AddedBy", words.addedByWord);
    each("connect/connector_health.hpp", "ConnectorState", inTable(words.kConnectorStates));
    each("govern/audit.hpp", "AuditEvent", inTable(words.kAuditEvents), ["navigate"]); // nothing writes it
    each("act/policy.hpp", "Decision", (decision) => words.decisionOf({ decision }).word);
    const rules = [...readFileSync(join(kRoot, "src/act/policy.cpp"), "utf8").matchAll(/\{"(\w+)", "[^"]+", ?\n? *rules::/g)].map(
      ([, name]) => name,
    );
    assert.ok(rules.length > 10, `${rules}`);
    for (const rule of rules) if (words.ruleWord(rule) === words.ruleWord("brand_new_value")) missing.push(`rule: ${rule}`);
    assert.deepEqual(missing, []);
  });

  await check("a sentence is made plain without touching what people are called", async () => {
    const { plainly } = await dictionary();
    const cases = {
      "@rate_limit_fan is paused": "@rate_limit_fan is paused",
      "the rule rate_limit says no": "the rule hourly limit says no",
      "media.upload: there is no such file": "there is no such file",
      "https://birds.example does not accept it": "https://birds.example does not accept it",
      "connect: error:0A00010B:SSL routines::wrong version number": "connect: no safe connection could be made",
      "birds.example answered 403 Forbidden": "birds.example answered the server does not let this account in",
    };
    for (const [said, plain] of Object.entries(cases)) assert.equal(plainly(said), plain);
    assert.doesNotMatch(plainly("stopped since 2026-11-30T10:16:16.351610Z"), /T\d\d:/);
  });
}
