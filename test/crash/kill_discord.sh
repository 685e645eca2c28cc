#!/usr/bin/env bash
# A daemon that follows Discord's gateway is killed with SIGKILL again and again, while the gateway misbehaves as well: no message
# is missing, none is in the log twice. KILLS: how often on each engine (default 5). Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
KILLS=${KILLS:-5}
if ! /usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1; then
  echo "skipped: python3-aiohttp is not installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0

run() {
  local name=$1 found
  shift
  if found=$(timeout $((300 + KILLS * 10)) python3 test/crash/kill_discord.py "$LINNET" "$KILLS" "$@"); then
    passed=$((passed + 1)); echo "ok $name: $found"
  else
    failed=$((failed + 1)); echo "FAIL $name: $found"
  fi
}

run sqlite --data "$folder/sqlite"
if [ -n "${LINNET_TEST_POSTGRES:-}" ]; then
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" db reset --yes >/dev/null
  run postgres --data "$folder/postgres" --db "$LINNET_TEST_POSTGRES"
else
  skipped=1; echo "skipped: no PostgreSQL (script/with-postgres starts one)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
