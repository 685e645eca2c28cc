#!/usr/bin/env bash
# Makes the Debian package of the program and installs it into a bare root: nothing stands there but the essential packages
# and what the package says that it needs, copied from this machine, so that a dependency that is not named is missing. dpkg installs it
# there with its own scripts, its user runs it, and it is taken away again. Not covered: apt, a running systemd, and the container.
# Also the service's file, the man pages, and what the three shells complete. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=$(realpath "${LINNET:-build/release/src/app/linnet}")
[ -x "$LINNET" ] || { echo "no program to package: build it, or name it by LINNET"; echo "0 passed, 1 failed"; exit 1; }
folder=$(mktemp -d)
serving=
trap '[ -z "$serving" ] || kill "$serving" 2>/dev/null; rm -rf "$folder"' EXIT
passed=0 failed=0 skipped=0
said=$folder/said

# check NAME COMMAND…: what the command said is shown when it fails.
check() {
  local name=$1
  shift
  if "$@" >"$said" 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $name"
    sed 's/^/  /' "$said" | head -n 20
  fi
}
skip() {
  skipped=$((skipped + 1))
  echo "skipped: $1"
}
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}

package=$(script/package "$LINNET" 2>"$said") || { cat "$said"; echo "0 passed, 1 failed"; exit 1; }
files=$folder/files
check "the package can be unpacked" dpkg --extract "$package" "$files"
version=$("$LINNET" --version)
field() { dpkg-deb --field "$package" "$1"; }
check "its version is the program's" test "$(field Version)" = "$version"
check "it names the C library" grep -q 'libc6 (>=' <(field Depends)
check "all of it is root's" test -z "$(dpkg-deb --contents "$package" | grep -v ' root/root ')"
check "nobody else may write any of it" test -z "$(find "$files" -perm /022 ! -type l)"
check "nothing of this machine stands in the texts" test -z "$(grep -rlIE "$PWD|$HOME/" "$files/usr/share" "$files/usr/lib")"

# The service.
unit=$files/usr/lib/systemd/system/linnet.service
if command -v systemd-analyze >/dev/null; then
  sed "s|/usr/bin/linnet|$files/usr/bin/linnet|" "$unit" >"$folder/linnet.service"
  check "the service is well-formed" systemd-analyze verify --man=no "$folder/linnet.service"
  check "systemd-analyze says nothing about it" test ! -s "$said"
  check "the service is confined (2.0 of 10 at most)" systemd-analyze security --offline=true --threshold=20 --no-pager "$folder/linnet.service"
else
  skip "no systemd-analyze here"
fi

# Man pages and completions.
commands=$(sed -nE 's/^  ([a-z-]+) .*/\1/p' <("$LINNET" --help | sed '1,/^Start:/d'))
check "linnet has commands" test "$(wc -w <<<"$commands")" -gt 20
for page in linnet $(sed 's/^/linnet-/' <<<"$commands"); do
  file=$files/usr/share/man/man1/$page.1.gz
  check "$page has a man page" test -s "$file"
  if command -v man >/dev/null; then
    warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=200 man --warnings -E UTF-8 -l -Tutf8 -Z "$file" 2>&1 >/dev/null)
    check "$page(1) is shown, without: ${warnings:-a warning}" test -z "$warnings"
  fi
done
bash_completes() { # WANTED WORD…
  bash -c 'source "$1"; wanted=$2; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _linnet
    echo "${COMPREPLY[@]}"; [ "${COMPREPLY[*]}" = "$wanted" ]' _ "$files/usr/share/bash-completion/completions/linnet" "$@"
}
check "bash completes commands" bash_completes "account action" linnet ac
check "bash completes what a command has, behind an option's value" bash_completes "bluesky" linnet --data demo account add b
check "bash completes options" bash_completes "--paste-code" linnet account add --pas
check "bash completes an option's words" bash_completes "new engagement" linnet posts list --sort ""
check "bash completes nothing it does not know" bash_completes "" linnet posts list --tag ""
if command -v fish >/dev/null; then
  fish_completes() { # WANTED LINE
    HOME=$folder fish --no-config -c 'source $argv[1]; complete -C $argv[3]' "$files/usr/share/fish/vendor_completions.d/linnet.fish" "$@" |
      cut -f 1 | sort | tr '\n' ' ' | tee /dev/stderr | grep -qx "$1"
  }
  check "fish completes commands" fish_completes "account action " "linnet ac"
  check "fish completes what a command has, behind an option's value" fish_completes "bluesky mastodon " "linnet --data demo account add "
  check "fish completes an option's words" fish_completes "engagement new " "linnet posts list --sort "
else
  skip "no fish here"
fi
if command -v zsh >/dev/null; then
  check "zsh completes commands, words and options" timeout 60 zsh -f test/integration/deb_zsh.zsh "$files/usr/share/zsh/vendor-completions" "$folder"
else
  skip "no zsh here"
fi

# The bare root.
if [ "$(id -u)" -ne 0 ]; then
  skip "dpkg installs into a bare root as root alone"
  finish
fi
root=$folder/root
needed=$(field Depends | sed 's/([^)]*)//g; s/,/ /g')
essential=$(dpkg-query -W -f='${Package} ${Essential}\n' | sed -n 's/ yes$//p')
closure=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
  --no-enhances $needed $essential | grep -E '^[a-z0-9]' | sort -u)
# Some are names that other packages provide.
provided=$(dpkg-query -W -f='${Package}, ${Provides}\n' | sed 's/([^)]*)//g; s/,/ /g' |
  awk -v needed="$needed $closure" 'BEGIN { n = split(needed, a, /[ \n]+/); for (i = 1; i <= n; i++) is[a[i]] = 1 }
    { for (i = 2; i <= NF; i++) if ($i in is) { print $1; next } }')
closure=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $closure $provided 2>/dev/null | sed -n 's/^installed //p' | sort -u)
mkdir -p "$root"/{usr/{bin,sbin,lib,lib64},dev,etc,tmp,run,proc,var/lib/dpkg/{info,updates}}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || install -m 666 /dev/null "$root/dev/null"
dpkg -L $closure | grep -vE '^/usr/share/(doc|man|locale|info)/|^/\.?$' | sort -u |
  while read -r file; do [ -e "$file" ] && echo "${file#/}"; done >"$folder/list"
tar -C / --no-recursion -cf - -T "$folder/list" | tar -C "$root" --keep-directory-symlink -xf -
cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
cp /usr/share/base-passwd/group.master "$root/etc/group"
dpkg-query -s $closure >"$root/var/lib/dpkg/status"
for one in $closure; do cp /var/lib/dpkg/info/"$one"{,:*}.list "$root/var/lib/dpkg/info/" 2>/dev/null; done

inside() { chroot "$root" "$@"; }
as_linnet=(chroot --userspec=linnet:linnet "$root" env -i HOME=/var/lib/linnet PATH=/usr/bin:/bin)
check "dpkg installs it, with every dependency met" dpkg --root="$root" --install "$package"
check "it is installed" grep -q '^ii' <(dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${db:Status-Abbrev}' linnet)
check "it has a user of its own" inside getent passwd linnet
check "its data are that user's alone" test "$(inside stat -c '%U %a' /var/lib/linnet)" = "linnet 700"
check "linnet --version" grep -qx "$version" <("${as_linnet[@]}" /usr/bin/linnet --version)
check "it makes a database and counts on it" "${as_linnet[@]}" /usr/bin/linnet --data /var/lib/linnet db check
"${as_linnet[@]}" /usr/bin/linnet --data /var/lib/linnet serve --port 0 >"$folder/serve" 2>&1 &
serving=$!
for _ in $(seq 100); do
  address=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$folder/serve" | head -n 1)
  [ -n "$address" ] && break
  sleep 0.1
done
check "it serves the web app" grep -qi '<!doctype html' <(curl -s --max-time 10 "$address/")
kill -TERM "$serving"
wait "$serving"
check "it ends when it is asked to" test $? -eq 0
serving=
check "it can be installed over itself" dpkg --root="$root" --install "$package"
check "dpkg finds every file as it was" test -z "$(dpkg --root="$root" --verify linnet)"
check "it can be taken away" dpkg --root="$root" --purge linnet
check "the program is gone" test ! -e "$root/usr/bin/linnet"
check "the data stay" test -s "$root/var/lib/linnet/linnet.db"
finish
