#!/usr/bin/env bash
# What strangers, other sites' pages and single tokens can hold of the program. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec python3 test/integration/doors.py "$LINNET" "$folder"
