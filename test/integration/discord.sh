#!/usr/bin/env bash
# Linnet reads a Discord, acts on it, and heeds what people ask of it there; the gateway misbehaves in every way that it knows.
# Against the fake Discord. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
if ! /usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1; then
  echo "skipped: python3-aiohttp is not installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec timeout 300 python3 test/integration/discord.py "$LINNET" "$folder"
