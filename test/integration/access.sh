#!/usr/bin/env bash
# Each role on each route of the OpenAPI document, sessions, tokens, forged requests. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec python3 test/integration/access.py "$LINNET" "$folder"
