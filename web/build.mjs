// Bundles the app: node build.mjs OUTDIR. Writes index.html, app.js, app.css and icon.svg, each with a .gz copy.
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const kCopied = ["index.html", "icon.svg"];

mkdirSync(out, { recursive: true });
for (const name of readdirSync(out)) rmSync(join(out, name));

await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome100", "firefox100", "safari15.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
for (const name of kCopied) writeFileSync(join(out, name), readFileSync(join(here, "src", name)));

// The licences of what is bundled ask that their text goes along with it.
const licences = ["preact", "uplot"].map((name) => {
  const text = readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8").trim();
  return `${name}\n${"=".repeat(name.length)}\n\n${text}\n`;
});
writeFileSync(join(out, "licences.txt"), licences.join("\n\n"));

for (const name of readdirSync(out)) {
  const packed = gzipSync(readFileSync(join(out, name)), { level: 9 });
  writeFileSync(join(out, `${name}.gz`), packed);
}
