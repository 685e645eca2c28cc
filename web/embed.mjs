// Turns a built app into sources that carry it: node embed.mjs DIST ASSETS_CPP ASSETS_S. The bytes go in through the
// assembler's .incbin, which takes no time however large they are; the C++ file is the table over them.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, resolve } from "node:path";

const kTypes = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

const [dist, cppPath, assemblyPath] = process.argv.slice(2);
const names = readdirSync(dist)
  .filter((name) => !name.endsWith(".gz"))
  .sort();

const assets = names.map((name, index) => {
  const path = resolve(dist, name);
  const body = readFileSync(path);
  return {
    path: `/${name}`,
    type: kTypes[extname(name)] ?? "application/octet-stream",
    etag: createHash("sha256").update(body).digest("hex").slice(0, 16),
    plain: { symbol: `linnet_web_asset_${index}`, file: path, size: body.length },
    packed: { symbol: `linnet_web_asset_${index}_gz`, file: `${path}.gz`, size: readFileSync(`${path}.gz`).length },
  };
});

const blobs = assets.flatMap((asset) => [asset.plain, asset.packed]);
const quoted = (text) => JSON.stringify(text);

// The etags are in the assembly too, so that a cached object file never stands for other bytes.
writeFileSync(
  assemblyPath,
  [
    "    .section .rodata",
    ...blobs.map((blob) => `    .global ${blob.symbol}\n${blob.symbol}:\n    .incbin ${quoted(blob.file)}`),
    ...assets.map((asset) => `/* ${asset.path} ${asset.etag} */`),
    '    .section .note.GNU-stack,"",@progbits',
    "",
  ].join("\n"),
);

writeFileSync(
  cppPath,
  `#include "web/assets.hpp"

#include <array>

extern "C" {
${blobs.map((blob) => `extern const char ${blob.symbol}[];`).join("\n")}
}

namespace linnet::web {

std::span<const Asset> assets() {
  static const std::array<Asset, ${assets.length}> kAssets = {{
${assets
  .map(
    (asset) =>
      `      {${quoted(asset.path)}, ${quoted(asset.type)}, ${quoted(`"${asset.etag}"`)},\n` +
      `       {${asset.plain.symbol}, ${asset.plain.size}}, {${asset.packed.symbol}, ${asset.packed.size}}},`,
  )
  .join("\n")}
  }};
  return kAssets;
}

}  // namespace linnet::web
`,
);
