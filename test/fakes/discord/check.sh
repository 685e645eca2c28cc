#!/bin/sh
# Three independent clients drive the fake: discord.js, discord.py and hikari, each against a fake of its own.
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

run() { # NAME COMMAND…, which gets the address of the fake
    name=$1
    shift
    rm -f "$work/port"
    "$python" "$here/server.py" --port-file "$work/port" --heartbeat-ms 1000 2>> "$work/stderr" &
    server=$!
    tries=0
    while [ ! -f "$work/port" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then echo "check.sh: the fake did not start" >&2; cat "$work/stderr" >&2; exit 3; fi
        sleep 0.1
    done
    port=$("$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))["port"])' "$work/port")
    timeout 120 "$@" "http://127.0.0.1:$port" > "$work/$name" 2>&1 || echo "FAIL $name ended with status $?" >> "$work/$name"
    cat "$work/$name"
    kill "$server" && wait "$server" || true
    server=
}
run discord.js node "$here/check_discordjs.mjs" "$clients/npm/node_modules"
run discord.py "$clients/venv/bin/python" "$here/check_discordpy.py"
run hikari "$clients/venv/bin/python" "$here/check_hikari.py"

passed=$(cat "$work/discord.js" "$work/discord.py" "$work/hikari" | grep -c '^ok ' || true)
failed=$(cat "$work/discord.js" "$work/discord.py" "$work/hikari" | grep -c '^FAIL ' || true)
if [ -s "$work/stderr" ]; then failed=$((failed + 1)); echo "FAIL the fake complained:"; cat "$work/stderr"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
