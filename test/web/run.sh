#!/usr/bin/env bash
# Tests the web app in Chromium: test/web/run.sh [BASE_URL]. With an address, against the linnet that answers there
# (one with data: «linnet demo»); without, against the mock server, which also plays the parts that a real program
# seldom does: losing the connection, failing, being empty, sending hostile HTML unsanitised.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

./install.sh

work=$(mktemp -d)
mock=
cleanup() {
  [ -z "$mock" ] || kill "$mock" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

"$here/../../web/build.sh" "$work/dist"
if node node_modules/typescript/bin/tsc -p "$here/../../web/tsconfig.json"; then types=0; else types=1; fi

base=${1:-}
if [ -z "$base" ]; then
  node mock_server.mjs "$work/dist" >"$work/address" &
  mock=$!
  for _ in $(seq 100); do [ -s "$work/address" ] && break; sleep 0.1; done
  base=$(cat "$work/address")
fi
[ -n "$base" ] || { echo "test/web/run.sh: the mock server did not start" >&2; exit 1; }

LINNET_TYPES_FAILED=$types LINNET_WEB_DIST="$work/dist" node web_test.mjs "${base%/}"
