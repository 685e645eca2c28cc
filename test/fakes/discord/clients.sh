#!/bin/sh
# Installs the independent Discord clients, once, and prints the folder they are in.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
clients=$root/build/discord-clients
discord_js=14.28.1
discord_py=2.7.1
hikari=2.7.0

mkdir -p "$clients"
stamp="discord.js-$discord_js discord.py-$discord_py hikari-$hikari"
if [ "$(cat "$clients/stamp" 2>/dev/null)" != "$stamp" ]; then
    python3 -m venv "$clients/venv" >&2
    "$clients/venv/bin/pip" -q install "discord.py==$discord_py" "hikari==$hikari" >&2
    npm install --prefix "$clients/npm" --no-audit --no-fund --silent "discord.js@$discord_js" >&2
    echo "$stamp" > "$clients/stamp"
fi
echo "$clients"
