#!/usr/bin/env bash
# What a platform takes is known before anything is sent; platforms are switched off; registrations are used
# again. Against the fake Mastodon. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
if ! /usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1; then
  echo "skipped: python3-aiohttp is not installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec python3 test/integration/platforms.py "$LINNET" "$folder"
