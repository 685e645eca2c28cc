#!/usr/bin/env bash
# Tests the web app in Chromium: test/web/run.sh [BASE_URL]. With an address, against the linnet that answers there
# (one with data: «linnet demo»); without, against the mock server, which also plays the parts that a real program
# seldom does: losing the connection, failing, being empty, sending hostile HTML unsanitised. LINNET_WEB_TESTS=approvals,forms
# runs those alone; LINNET_WEB_TIMES=1 says what took over three seconds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"

./install.sh

work=$(mktemp -d)
mocks=()
cleanup() {
  [ ${#mocks[@]} -eq 0 ] || kill "${mocks[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

"$here/../../web/build.sh" "$work/dist"
if node node_modules/typescript/bin/tsc -p "$here/../../web/tsconfig.json"; then types=0; else types=1; fi
export LINNET_TYPES_FAILED=$types LINNET_WEB_DIST="$work/dist"

if [ -n "${1:-}" ]; then
  node web_test.mjs "${1%/}"
  exit
fi

# Each width has a browser and a mock server of its own, as one steers what the other would see. Both mostly wait.
test_at() {
  LINNET_WEB_WIDTH=$1 node web_test.mjs "$(cat "$work/address.$1")" >"$work/log.$1" 2>&1
}
for width in 1440 390; do
  node mock_server.mjs "$work/dist" >"$work/address.$width" &
  mocks+=($!)
  for _ in $(seq 100); do [ -s "$work/address.$width" ] && break; sleep 0.1; done
  [ -s "$work/address.$width" ] || { echo "test/web/run.sh: the mock server did not start" >&2; exit 1; }
done
test_at 390 &
phone=$!
status=0
test_at 1440 || status=1
wait "$phone" || status=1

count='[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?'
for width in 1440 390; do
  grep -qE "^$count\$" "$work/log.$width" || { echo "FAIL the tests at $width px ended without a count"; status=1; }
  grep -vE "^$count\$" "$work/log.$width" || true
done
cat "$work"/log.* | grep -E "^$count\$" |
  awk '{passed += $1; failed += $3; skipped += $5} END {print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"}'
exit $status
