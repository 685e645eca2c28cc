#!/usr/bin/env bash
# Linnet acts on the fake Mastodon; masto.js, which knows neither, sees the same. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
python=/usr/bin/python3
"$python" -c 'import aiohttp' 2>/dev/null || { echo "skipped: python3-aiohttp is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
clients=$(test/fakes/mastodon/clients.sh) || { echo "skipped: masto.js cannot be installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
work=$(mktemp -d)
fake=
trap 'kill $fake 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
"$python" test/fakes/mastodon/server.py --recordings none --seed 1 --port-file "$work/port" >/dev/null 2>&1 &
fake=$!
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
server=http://127.0.0.1:$("$python" -c "import json; print(json.load(open('$work/port'))['port'])")
node test/integration/mastodon_acting.mjs "$server" "$LINNET" "$work/data" "$clients/npm/node_modules"
