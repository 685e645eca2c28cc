#!/usr/bin/env bash
# A newcomer's way through the browser: adds an account (on the fake Mastodon), writes a post, approves it, sees it verified
# with its evidence; then a password, the blocklist, the emergency stop. Ends with «N passed, N failed». With
# LINNET_WEB=FOLDER the app is the one in that folder, and not the one that was built into the program.
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
python=/usr/bin/python3
"$python" -c 'import aiohttp' 2>/dev/null || { echo "skipped: python3-aiohttp is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
test/web/install.sh
work=$(mktemp -d)
fake= daemon= front=
trap 'kill $fake $daemon $front 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
"$python" test/fakes/mastodon/server.py --recordings none --seed 1 --port-file "$work/port" >/dev/null 2>&1 &
fake=$!
"$LINNET" --quiet --data "$work/data" serve --port 0 >"$work/address" 2>"$work/log" &
daemon=$!
for _ in $(seq 100); do [ -s "$work/port" ] && grep -q http "$work/address" && break; sleep 0.1; done
base=$(grep -oE 'http://[0-9.:]+' "$work/address" | head -n 1)
if [ -n "${LINNET_WEB:-}" ]; then
  node test/web/in_front.mjs "$LINNET_WEB" "$base" >"$work/front" &
  front=$!
  for _ in $(seq 100); do [ -s "$work/front" ] && break; sleep 0.1; done
  base=$(cat "$work/front")
fi
ports=$("$python" -c "import json; ports = json.load(open('$work/port')); print(ports['port'], ports['control_port'])")
server=http://127.0.0.1:${ports% *}
control=http://127.0.0.1:${ports#* }/_control
node test/web/acting.mjs "$base" "$server" "$LINNET" "$work/data" "$control"
