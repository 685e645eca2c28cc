#!/usr/bin/env bash
# Files that are sent ahead of the action that they go with, up to what reaches the network: on SQLite, and on the
# PostgreSQL of script/with-postgres where there is one. Ends with «N passed, N failed».
set -u
# The servers of this test stand on this machine.
export LINNET_ALLOWED_NETWORKS=127.0.0.0/8
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
python=/usr/bin/python3
"$python" -c 'import aiohttp' 2>/dev/null || { echo "skipped: python3-aiohttp is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
check() {
  mkdir -p "$folder/$1"
  PYTHONPATH=test/kit/python "$python" test/integration/media.py "$LINNET" "$folder/$1" | tee "$folder/$1.log"
  local line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$folder/$1.log" | tail -n 1)
  if [ -z "$line" ]; then
    echo "FAIL $1: it ended early"
    line="0 passed, 1 failed"
  fi
  set -- $line
  passed=$((passed + $1)) failed=$((failed + $3))
}
passed=0 failed=0
check sqlite
if [ -n "${LINNET_TEST_POSTGRES:-}" ]; then
  export LINNET_DB=$LINNET_TEST_POSTGRES
  check postgres
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
