#!/usr/bin/env bash
# Builds the web app into a folder: web/build.sh OUTDIR. Installs the packages first when package-lock.json has
# changed since they were installed. Needs Node 18 or newer and npm.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: web/build.sh OUTDIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")"

for program in node npm; do
  command -v "$program" >/dev/null || { echo "web/build.sh: $program is missing; script/bootstrap installs it" >&2; exit 3; }
done

install_packages() {
  local stamp=node_modules/.installed-for
  cmp -s package-lock.json "$stamp" && return
  # Nothing here needs the packages' install scripts, so they are not run.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$stamp"
}

# Builds of several presets may run at the same time, and share node_modules.
exec 9>.install.lock
flock 9
install_packages
exec 9>&-

node build.mjs "$out"
