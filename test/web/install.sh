#!/usr/bin/env bash
# Installs what tests, types and lint of the web app need into test/web/node_modules, when package-lock.json has changed
# since it was installed.
set -euo pipefail
cd "$(dirname "$0")"
exec 9>.install.lock
flock 9
cmp -s package-lock.json node_modules/.installed-for && exit
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
cp package-lock.json node_modules/.installed-for
