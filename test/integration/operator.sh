#!/usr/bin/env bash
# What an unlucky operator does to a data folder: loses the log, loses the key, resets beside serve, has only a copy to read.
# Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
export LINNET_ALLOWED_NETWORKS=127.0.0.1  # where the fake server listens
python3 test/integration/operator_accidents.py "$LINNET" "$folder"
