import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export async function testBuild({ check, base, isMock }) {
  const dist = process.env.LINNET_WEB_DIST;
  await check("types are right", () => assert.equal(process.env.LINNET_TYPES_FAILED ?? "0", "0"));
  await check("the script is under 80 kB packed", () => {
    const size = readFileSync(join(dist, "app.js.gz")).length;
    assert.ok(size < 80_000, `${size} bytes`);
  });
  await check("every path that is no file answers with the page, under the strict policy", async () => {
    for (const path of ["/", "/posts/1/2", "/hashtags/%23odd", "/no/such/room"]) {
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
    if (isMock) return { skip: "the mock sends them plain" };
    for (const [path, type] of [["/app.js", "text/javascript"], ["/app.css", "text/css"], ["/icon.svg", "image/svg+xml"]]) {
      const response = await fetch(base + path, { headers: { "accept-encoding": "gzip" } });
      assert.equal(response.status, 200, path);
      assert.ok(response.headers.get("content-type").startsWith(type), path);
      assert.equal(response.headers.get("content-encoding"), "gzip", path);
      assert.ok(response.headers.get("etag"), path);
    }
  });
}
