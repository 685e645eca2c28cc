#!/usr/bin/env bash
# Balances are those that another program reckons of the same stream, and stay so through a replay.
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0
expect() {
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); echo "ok $1"; else failed=$((failed + 1)); echo "FAIL $1: $2, expected $3"; fi
}
oracle() { python3 test/integration/salience_oracle.py "$@"; }

for seed in 1 2 3; do
  for network in posts chat; do
    data=$folder/$network$seed stream=$folder/$network$seed.jsonl
    oracle stream "$seed" "$network" >"$stream"
    if [ "$network" = posts ]; then
      "$LINNET" --quiet --data "$data" import events "$stream" --instance https://social.example >/dev/null
      key=hashtag:boats
    else
      "$LINNET" --quiet --data "$data" import events "$stream" --platform discord --instance https://discord.com >/dev/null
      key=server:90000000000000001:channel:3000000000000000 key=${key}11
    fi
    expect "$network $seed are taken in" "$?" 0
    "$LINNET" --data "$data" --json topic list --limit 1000000 >"$folder/balances.json"
    "$LINNET" --data "$data" --json topic ledger "$key" >"$folder/ledger.json"
    expect "balances of $network $seed" "$(oracle check "$stream" "$folder/balances.json" "$folder/ledger.json" "$key")$?" 0
    "$LINNET" --data "$data" db check >/dev/null
    expect "db check of $network $seed" "$?" 0
    "$LINNET" --quiet --data "$data" events replay >/dev/null
    "$LINNET" --data "$data" --json topic ledger "$key" | cmp -s - "$folder/ledger.json"
    expect "a replay of $network $seed gives the same ledger" "$?" 0
  done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
