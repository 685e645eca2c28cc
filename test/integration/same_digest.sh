#!/usr/bin/env bash
# Two imports of a file, an import in two halves that overlap, and a replay give the same digest, on every engine.
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0
expect() {
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); echo "ok $1"; else failed=$((failed + 1)); echo "FAIL $1: $2, expected $3"; fi
}
import() { "$LINNET" --quiet "$@" --instance https://social.example >/dev/null; }

"$LINNET" --quiet sample --events 20000 >"$folder/all.jsonl"
head -n 12000 "$folder/all.jsonl" >"$folder/first.jsonl"
tail -n 12000 "$folder/all.jsonl" >"$folder/second.jsonl"

once=$folder/once twice=$folder/twice halves=$folder/halves
import --data "$once" import events "$folder/all.jsonl"
digest=$("$LINNET" --data "$once" db digest)
import --data "$twice" import events "$folder/all.jsonl" "$folder/all.jsonl"
expect "a file given twice changes nothing" "$("$LINNET" --data "$twice" db digest)" "$digest"
import --data "$halves" import events "$folder/first.jsonl"
import --data "$halves" import events "$folder/second.jsonl"
expect "two halves that overlap" "$("$LINNET" --data "$halves" db digest)" "$digest"
for data in "$once" "$twice" "$halves"; do
  "$LINNET" --quiet --data "$data" events replay >/dev/null
  expect "a replay of $(basename "$data")" "$("$LINNET" --data "$data" db digest)" "$digest"
  "$LINNET" --data "$data" db check >/dev/null
  expect "db check of $(basename "$data")" "$?" 0
done
import --data "$folder/small" import events "$folder/all.jsonl" --batch 1000
expect "batches of another size" "$("$LINNET" --data "$folder/small" db digest)" "$digest"
import --data "$folder/piped" import events <(cat "$folder/all.jsonl")
expect "a pipe that has a name" "$("$LINNET" --data "$folder/piped" db digest)" "$digest"
# Posts that went for their age go again in a replay.
"$LINNET" --quiet --data "$once" retention run --posts 7d --log 3650d >/dev/null
aged=$("$LINNET" --data "$once" db digest)
expect "posts went for their age" "$([ "$aged" != "$digest" ] && echo yes)" yes
"$LINNET" --quiet --data "$once" events replay >/dev/null
expect "a replay takes them away again" "$("$LINNET" --data "$once" db digest)" "$aged"
"$LINNET" --data "$once" db check >/dev/null
expect "db check without them" "$?" 0
if [ -n "${LINNET_TEST_POSTGRES:-}" ]; then
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" db reset --yes >/dev/null
  import --db "$LINNET_TEST_POSTGRES" import events "$folder/all.jsonl"
  expect "PostgreSQL equals SQLite" "$("$LINNET" --db "$LINNET_TEST_POSTGRES" db digest)" "$digest"
  import --db "$LINNET_TEST_POSTGRES" import events "$folder/all.jsonl"
  expect "PostgreSQL, the file again" "$("$LINNET" --db "$LINNET_TEST_POSTGRES" db digest)" "$digest"
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" events replay >/dev/null
  expect "PostgreSQL, a replay" "$("$LINNET" --db "$LINNET_TEST_POSTGRES" db digest)" "$digest"
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" retention run --posts 7d --log 3650d >/dev/null
  expect "PostgreSQL, posts that went for their age" "$("$LINNET" --db "$LINNET_TEST_POSTGRES" db digest)" "$aged"
  "$LINNET" --quiet --db "$LINNET_TEST_POSTGRES" events replay >/dev/null
  expect "PostgreSQL, a replay without them" "$("$LINNET" --db "$LINNET_TEST_POSTGRES" db digest)" "$aged"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
