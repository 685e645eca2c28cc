#!/usr/bin/env bash
# What a command prints with --json is what the API answers, for each list and show that both have. Ends with
# «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
python=/usr/bin/python3
"$python" -c 'import aiohttp' 2>/dev/null || { echo "skipped: python3-aiohttp is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYTHONPATH=test/kit/python exec "$python" test/integration/same_json.py "$LINNET" "$folder"
