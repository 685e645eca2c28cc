// screens.mjs BASE OUTDIR [WORD]: see script/screens.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser, openPage } from "./browser.mjs";

const [base, out, only = ""] = process.argv.slice(2);
const kWidths = { 1440: 900, 390: 844 };
const kMostHeight = 2400; // of a picture: longer pages are cut
const api = async (path) => (await fetch(`${base}/api/v1${path}`)).json();
const mock = async (command) => (await fetch(`${base}/__mock/${command}`, { method: "POST" })).json().catch(() => undefined);

// What is done on a screen before its picture is taken.
const press =
  (...keys) =>
  async (page) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(700);
  };
const openAll = async (page) => {
  for (const summary of await page.locator("main summary").all()) await summary.click();
};
const typePalette = async (page) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("ha");
  await page.waitForTimeout(900);
};
const openMore = async (page) => {
  const more = page.locator("[data-more]");
  if (await more.isVisible()) await more.click();
};
const pollAndPicture = async (page) => {
  await page.getByRole("textbox", { name: /^Text/ }).fill(`${"Too much of the harbour. ".repeat(22)}`);
  await page.getByRole("button", { name: "Add a poll" }).click();
  await page.getByLabel("Pictures", { exact: true }).setInputFiles({ name: "pier.png", mimeType: "image/png", buffer: Buffer.from("x") });
};
const chooseRows = async (page) => {
  for (const box of (await page.getByLabel("Choose this row").all()).slice(0, 3)) await box.click();
};

async function screens() {
  const { items: posts } = await api("/posts?limit=1");
  const { items: tags } = await api("/hashtags?limit=1");
  const { items: events } = await api("/events?failed=true&limit=1");
  const { items: actions } = await api("/actions?limit=1");
  const special = (await mock("state"))?.special ?? posts[0];
  return {
    home: ["/"],
    live: ["/listen/live"],
    posts: ["/listen/posts"],
    "posts, edited": ["/listen/posts?view=edited"],
    "posts, gaining": ["/listen/posts?view=gaining"],
    post: special && [`/listen/posts/${special.instance_id}/${encodeURIComponent(special.id)}`],
    hashtags: ["/listen/hashtags"],
    hashtag: tags[0] && [`/listen/hashtags/${encodeURIComponent(tags[0].name)}`],
    messages: ["/inbox/messages", openAll],
    studio: ["/publish/studio"],
    "studio, refused": ["/publish/studio", pollAndPicture],
    approvals: ["/publish/approvals"],
    "approvals, editing": ["/publish/approvals", press("e")],
    "approvals, decided": ["/publish/approvals", press("a")],
    activity: ["/publish/activity"],
    "activity, several": ["/publish/activity", chooseRows],
    action: actions[0] && [`/publish/activity/${actions[0].id}`],
    accounts: ["/manage/accounts"],
    rules: ["/manage/rules"],
    people: ["/manage/people"],
    audit: ["/manage/audit"],
    system: ["/manage/system"],
    event: events[0] && [`/manage/system/${events[0].id}`],
    palette: ["/", typePalette],
    more: ["/", openMore],
    shortcuts: ["/", press("?")],
    nowhere: ["/nowhere"],
  };
}

const browser = await openBrowser();
const shots = [];
mkdirSync(out, { recursive: true });
if (!only) for (const name of readdirSync(out)) if (/\.(png|html)$/.test(name)) rmSync(join(out, name));
try {
  for (const [name, screen] of Object.entries(await screens())) {
    if (!screen || !name.includes(only)) continue;
    const [path, act] = screen;
    for (const [width, height] of Object.entries(kWidths)) {
      const page = await openPage(browser.context, { origin: base });
      for (const scheme of ["light", "dark"]) {
        await page.setViewportSize({ width: Number(width), height });
        await mock("acting");
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.goto(`${base}/icon.svg`); // without the app, which would keep its drafts
        await page.evaluate(() => localStorage.clear());
        await mock("drafts?forget=1");
        await page.goto(base + path);
        await page.waitForSelector("h1");
        await page.waitForTimeout(900);
        await act?.(page).catch((error) => console.error(`${name}, ${width}: ${String(error).split("\n")[0]}`));
        await page.waitForTimeout(200);
        const tall = await page.evaluate(() => document.documentElement.scrollHeight);
        // The whole of it as one screen: what stands at the edge of a window is at the edge of the picture.
        await page.setViewportSize({ width: Number(width), height: Math.min(kMostHeight, Math.max(height, tall)) });
        await page.evaluate(() => scrollTo(0, 0));
        const file = `${name.replace(/\W+/g, "-")}-${width}-${scheme}.png`;
        await page.screenshot({
          path: join(out, file),
          fullPage: true,
          clip: { x: 0, y: 0, width: Number(width), height: Math.min(kMostHeight, Math.max(height, tall)) },
        });
        shots.push({ name, file, width });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}

const names = [...new Set(shots.map((shot) => shot.name))];
const figures = (name) =>
  shots
    .filter((shot) => shot.name === name)
    .map((shot) => `<img class="w${shot.width}" src="${shot.file}" alt="${shot.file}" loading="lazy">`)
    .join("\n");
writeFileSync(
  join(out, "index.html"),
  `<!doctype html><meta charset="utf-8"><title>Screens of Linnet</title>
<style>body{font:14px system-ui;margin:1rem}div{display:flex;gap:1rem;align-items:start;overflow-x:auto}img{border:1px solid #999}.w1440{width:720px}.w390{width:260px}</style>
${names.map((name) => `<h2>${name}</h2><div>${figures(name)}</div>`).join("\n")}\n`,
);
console.log(`${shots.length} pictures of ${names.length} screens: ${join(out, "index.html")}`);
