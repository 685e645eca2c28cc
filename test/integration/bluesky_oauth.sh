#!/usr/bin/env bash
# A person signs Linnet in to a real PDS in Chromium; Linnet then acts. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS="127.0.0.0/8 ::1" LOG_ENABLED=false
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
if ! cache=$(test/peers/pds/install.sh) || ! [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
  echo "skipped: no PDS, or no Chromium, here"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
[ -d test/web/node_modules/playwright-core ] || (cd test/web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node test/peers/pds/check_oauth.mjs "$cache" "$LINNET" "$folder"
