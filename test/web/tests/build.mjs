import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export async function testBuild({ check, base, context, isMock }) {
  const dist = process.env.LINNET_WEB_DIST;
  await check("types are right", () => assert.equal(process.env.LINNET_TYPES_FAILED ?? "0", "0"));
  const packed = (name) => readFileSync(join(dist, `${name}.gz`)).length;
  await check("before the first screen at most 60 kB are sent, packed, and each further room is small", async () => {
    const fresh = await context.newPage();
    const names = new Set(["index.html"]);
    fresh.on(
      "request",
      (request) => /\.(js|css|svg)$/.test(new URL(request.url()).pathname) && names.add(new URL(request.url()).pathname.slice(1)),
    );
    await fresh.goto(`${base}/`);
    await fresh.waitForSelector("h1");
    const first = [...names].reduce((sum, name) => sum + packed(name), 0);
    console.log(`     ${(first / 1000).toFixed(1)} kB packed in ${names.size} files before the first screen`);
    assert.ok(first <= 60_000, `${first} bytes: ${[...names].join(" ")}`);
    assert.ok(![...names].some((name) => /^Live-/.test(name)), "a room that nobody entered was loaded");
    await fresh.goto(`${base}/listen/live`);
    await fresh.waitForSelector("h1");
    assert.ok(
      [...names].some((name) => /^Live-/.test(name)),
      "the room was not loaded by itself",
    );
    await fresh.close();
    const rooms = readdirSync(dist).filter((name) => /^[A-Z]\w*-\w+\.js$/.test(name));
    assert.ok(rooms.length >= 15, rooms.join(" "));
    for (const name of rooms) assert.ok(packed(name) < 12_000, `${name}: ${packed(name)} bytes`);
  });
  await check("every path that is no file answers with the page, under the strict policy", async () => {
    for (const path of ["/", "/listen/posts/1/2", "/listen/hashtags/%23odd", "/no/such/room"]) {
      const response = await fetch(base + path);
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /<div id="app">/, path);
      const policy = response.headers.get("content-security-policy") ?? "";
      for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) {
        assert.ok(policy.includes(part), `${path}: “${part}” is missing in “${policy}”`);
      }
      assert.ok(!policy.includes("unsafe"), policy);
    }
  });
  await check("files have their types, and are sent packed to whoever takes that", async () => {
    if (isMock) return { skip: "the mock sends them plain", always: true };
    for (const [path, type] of [
      ["/app.js", "text/javascript"],
      ["/app.css", "text/css"],
      ["/icon.svg", "image/svg+xml"],
    ]) {
      const response = await fetch(base + path, { headers: { "accept-encoding": "gzip" } });
      await response.arrayBuffer(); // what is not read keeps its connection, and that this test from ending
      assert.equal(response.status, 200, path);
      assert.ok(response.headers.get("content-type").startsWith(type), path);
      assert.equal(response.headers.get("content-encoding"), "gzip", path);
      assert.ok(response.headers.get("etag"), path);
    }
  });
}
