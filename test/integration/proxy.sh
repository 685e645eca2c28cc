#!/usr/bin/env bash
# Linnet behind nginx and Caddy, with the configurations that docs/proxy gives. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec python3 test/integration/proxy.py "$LINNET" "$folder"
