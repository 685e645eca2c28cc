#!/usr/bin/env bash
# A daemon is killed with SIGKILL while the files of a post go out: none is uploaded twice, each post is there once.
# KILLS: how often on each engine (default 3). Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
KILLS=${KILLS:-3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0

run() {
  local name=$1 found
  shift
  if found=$(timeout 1200 python3 test/crash/kill_uploads.py "$LINNET" "$KILLS" "$@"); then
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
