#!/usr/bin/env bash
# Jobs of the running program: schedules under a clock that the test moves, over a change of clocks; what was asked for
# while nothing ran, called off, and cut off by a kill. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=${LINNET:-build/release/src/app/linnet}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 test/integration/jobs.py "$LINNET" "$folder"
