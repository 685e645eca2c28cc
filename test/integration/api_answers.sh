#!/usr/bin/env bash
# Every route of the program's own OpenAPI document answers, errors name what was wrong, and other sites are kept out.
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
log=$(mktemp)
"$LINNET" --quiet demo --port 0 >"$log" 2>/dev/null &
demo=$!
trap 'kill $demo 2>/dev/null; wait $demo 2>/dev/null; rm -f "$log"' EXIT
for _ in $(seq 100); do base=$(grep -oE 'http://[0-9.:]+' "$log" | head -n 1); [ -n "$base" ] && break; sleep 0.1; done
for _ in $(seq 100); do curl -s "$base/api/v1/posts?limit=1" | grep -q '"id"' && break; sleep 0.2; done
python3 test/integration/api_answers.py "$base"
