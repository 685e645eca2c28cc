// Bundles the app: node build.mjs OUTDIR. Writes index.html, app.js (the frame), a script for each room and for what rooms
// share, app.css and icon.svg, each with a .gz copy.
import { build } from "esbuild";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
const kCopied = ["index.html", "icon.svg"];

mkdirSync(out, { recursive: true });
for (const name of readdirSync(out)) rmSync(join(out, name));

// See src/shared.ts.
const sharing = {
  name: "sharing",
  setup({ onLoad }) {
    onLoad({ filter: /src[/\\]rooms[/\\][^/\\]+\.tsx$/ }, ({ path }) => ({
      contents: `${readFileSync(path, "utf8")}\nimport "../shared.ts";\n`,
      loader: "tsx",
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  plugins: [sharing],
  chunkNames: "[name]-[hash]",
  metafile: true,
  target: ["chrome100", "firefox100", "safari15.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  logLevel: "warning",
});
for (const name of kCopied) writeFileSync(join(out, name), readFileSync(join(here, "src", name)));

// What the frame needs is asked for with it, not after it.
const [, frame] = Object.entries(metafile.outputs).find(([path]) => basename(path) === "app.js");
const needed = frame.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path));
const page = readFileSync(join(out, "index.html"), "utf8");
const links = needed.map((name) => `    <link rel="modulepreload" href="/${name}">\n`).join("");
writeFileSync(join(out, "index.html"), page.replace("    <script type", `${links}    <script type`));

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
