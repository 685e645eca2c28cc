#!/usr/bin/env bash
# A daemon killed with SIGKILL at random moments while events come in, again and again, ends with the same digest as
# one never killed. KILLS: how often on each engine (default 10; 100 for the full run). Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
KILLS=${KILLS:-10}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0

"$LINNET" --quiet sample --events $((KILLS * 2000)) >"$folder/events.jsonl" || { echo "0 passed, 1 failed"; exit 1; }
"$LINNET" --quiet --data "$folder/whole" import events "$folder/events.jsonl" --instance https://social.example >/dev/null
expected=$("$LINNET" --quiet --data "$folder/whole" db digest)

run() {
  local name=$1
  shift
  local deaths got
  deaths=$(python3 test/crash/kill_daemon.py "$LINNET" "$folder/events.jsonl" "$KILLS" "$@")
  got=$("$LINNET" --quiet "$@" db digest)
  if [ "$got" = "$expected" ] && [ "${deaths:-0}" -ge "$KILLS" ] && "$LINNET" --quiet "$@" db check >/dev/null; then
    passed=$((passed + 1)); echo "ok $name: killed $deaths times, digest $got"
  else
    failed=$((failed + 1)); echo "FAIL $name: killed ${deaths:-0} times, digest $got, never killed: $expected"
  fi
}

run sqlite --data "$folder/killed"
if [ -n "${LINNET_TEST_POSTGRES:-}" ]; then
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" db reset --yes >/dev/null
  run postgres --data "$folder/postgres" --db "$LINNET_TEST_POSTGRES"
else
  skipped=1; echo "skipped: no PostgreSQL (script/with-postgres starts one)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
