#!/usr/bin/env bash
# Format and lint of the web app and its tests: test/web/biome.sh check, or «check --write» to mend what can be mended.
set -euo pipefail
cd "$(dirname "$0")"
./install.sh
root=$(cd ../.. && pwd)
for folder in web test/web; do
  (cd "$root/$folder" && "$root/test/web/node_modules/.bin/biome" "$@" --config-path="$root/web" --error-on-warnings .)
done
