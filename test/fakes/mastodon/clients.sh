#!/bin/sh
# Installs the independent Mastodon clients, once, and prints the folder they are in.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
clients=$root/build/fake-clients
# masto 6.8.0 runs on Debian 12's Node 18 (8 wants 22); Mastodon.py 2.3.3 streams by WebSocket too.
masto=6.8.0
mastodon_py=2.3.3
websocket_client=1.9.0

mkdir -p "$clients"
stamp="mastodon.py-$mastodon_py-$websocket_client masto-$masto"
if [ "$(cat "$clients/stamp" 2>/dev/null)" != "$stamp" ]; then
    /usr/bin/python3 -m venv "$clients/venv" >&2
    "$clients/venv/bin/pip" -q install "Mastodon.py==$mastodon_py" "websocket-client>=$websocket_client" >&2
    npm install --prefix "$clients/npm" --no-audit --no-fund --silent "masto@$masto" >&2
    echo "$stamp" > "$clients/stamp"
fi
echo "$clients"
