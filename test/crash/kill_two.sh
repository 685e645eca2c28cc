#!/usr/bin/env bash
# Two daemons on one PostgreSQL share a server's stream and due actions; either is killed with SIGKILL again and again: each
# event stands once in the log, each action goes out once, nothing waits longer than ten seconds, who listens live sees all.
# KILLS: how often (default 10); ACTIONS: how many (default 10 for each kill, at most 500). Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
KILLS=${KILLS:-10}
ACTIONS=${ACTIONS:-$((KILLS * 10 < 500 ? KILLS * 10 : 500))}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [ -z "${LINNET_TEST_POSTGRES:-}" ]; then
  echo "skipped: no PostgreSQL (script/with-postgres starts one)"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
python=""
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c "import aiohttp" 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then echo "no Python with aiohttp: apt install python3-aiohttp"; exit 1; fi

"$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" db reset --yes >/dev/null
if found=$(timeout 2400 "$python" test/crash/kill_two.py "$LINNET" "$KILLS" "$ACTIONS" "$folder" "$LINNET_TEST_POSTGRES"); then
  echo "ok postgres: $found"; echo "1 passed, 0 failed, 0 skipped"
else
  echo "FAIL postgres: $found"; echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
