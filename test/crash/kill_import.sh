#!/usr/bin/env bash
# An ingest killed with SIGKILL at random moments, again and again, ends with the same digest as one never killed.
# KILLS: how often on each engine (default 20; 100 for the full run). Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
KILLS=${KILLS:-20}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

"$LINNET" --quiet sample --events 20000 >"$folder/events.jsonl" || { echo "0 passed, 1 failed"; exit 1; }

digest() { "$LINNET" --quiet "$@" db digest; }

# run NAME ARGUMENTS…: kills imports until KILLS of them died, then lets one finish.
run() {
  local name=$1
  shift
  local kills=0
  while [ "$kills" -lt "$KILLS" ]; do
    "$LINNET" --quiet "$@" import events "$folder/events.jsonl" --instance https://social.example --batch 200 >/dev/null 2>&1 &
    local pid=$!
    sleep "0.$((RANDOM % 5))$((RANDOM % 10))"
    if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
    wait "$pid" 2>/dev/null
  done
  "$LINNET" --quiet "$@" import events "$folder/events.jsonl" --instance https://social.example >/dev/null
  local got
  got=$(digest "$@")
  if [ "$got" = "$expected" ] && "$LINNET" --quiet "$@" db check >/dev/null; then
    passed=$((passed + 1)); echo "ok $name: $KILLS kills, digest $got"
  else
    failed=$((failed + 1)); echo "FAIL $name: digest $got, never killed: $expected"
  fi
  local replayed
  replayed=$("$LINNET" --quiet "$@" --json events replay | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/')
  if [ "$replayed" = "$expected" ]; then
    passed=$((passed + 1)); echo "ok $name: a replay gives the same digest"
  else
    failed=$((failed + 1)); echo "FAIL $name: replay gives $replayed, expected $expected"
  fi
}

"$LINNET" --quiet --data "$folder/whole" import events "$folder/events.jsonl" --instance https://social.example >/dev/null
expected=$(digest --data "$folder/whole")
run sqlite --data "$folder/killed"
if [ -n "${LINNET_TEST_POSTGRES:-}" ]; then run postgres --db "$LINNET_TEST_POSTGRES"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
