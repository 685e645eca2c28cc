#!/usr/bin/env bash
# What people type, and what they are told. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 test/integration/typed.py "$LINNET" "$folder"
