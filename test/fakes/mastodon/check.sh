#!/bin/sh
# Runs two independent Mastodon clients against the fake. The clients are installed once.
# The last line is «N passed, N failed»; the exit status is 0 only if none failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import aiohttp' 2>/dev/null; then python=$candidate; break; fi
done
if [ -z "$python" ]; then echo "check.sh: no Python with aiohttp: apt install python3-aiohttp" >&2; exit 3; fi

clients=$("$here/clients.sh")

work=$(mktemp -d)
server=
cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT INT TERM
# A generous limit: the clients post and delete more in a minute than a person in half an hour.
"$python" "$here/server.py" --seed 7 --port-file "$work/port" --heartbeat 1 \
    --limits '{"api":{"limit":100000},"post":{"limit":100000},"delete":{"limit":100000}}' 2> "$work/stderr" &
server=$!
tries=0
while [ ! -f "$work/port" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then echo "check.sh: the fake did not start" >&2; cat "$work/stderr" >&2; exit 3; fi
    sleep 0.1
done
field() { "$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/port" "$1"; }
base=http://127.0.0.1:$(field port)

"$clients/venv/bin/python" "$here/check_mastodon_py.py" "$base" > "$work/python" 2>&1 || echo "exit $?" >> "$work/ended"
node "$here/check_masto.mjs" "$base" "$clients/npm/node_modules" > "$work/node" 2>&1 || echo "exit $?" >> "$work/ended"
cat "$work/python" "$work/node"
passed=$(cat "$work/python" "$work/node" | grep -c '^ok ' || true)
failed=$(cat "$work/python" "$work/node" | grep -c '^FAIL ' || true)
# A client that died midway printed no FAIL line: that is a failure too.
if [ -f "$work/ended" ] && [ "$failed" -eq 0 ]; then failed=1; echo "FAIL a client ended early"; fi
if [ -s "$work/stderr" ]; then failed=$((failed + 1)); echo "FAIL the fake complained:"; cat "$work/stderr"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
