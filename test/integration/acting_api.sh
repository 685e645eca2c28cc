#!/usr/bin/env bash
# Acting over HTTP, with a Mastodon server that is played: signing in by the browser, what whoever decides is shown,
# files, switches, pauses, the blocklist. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
python=/usr/bin/python3
"$python" -c 'import aiohttp' 2>/dev/null || { echo "skipped: python3-aiohttp is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYTHONPATH=test/kit/python exec "$python" test/integration/acting_api.py "$LINNET" "$folder"
