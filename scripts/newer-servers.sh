#!/usr/bin/env bash
# Puts a current Redis 8 and Valkey 9 into a folder, beside whatever the system has, and changes nothing else: the packages
# of Debian's unstable suite are downloaded and unpacked, not installed, and started with the C library that they came with.
#
#   scripts/newer-servers.sh [FOLDER]     default: ${XDG_CACHE_HOME:-~/.cache}/slotwise/servers
#
# Leaves FOLDER/redis-server-8 and FOLDER/valkey-server-9. Needs apt-get and dpkg-deb (Debian, Ubuntu). Where those are
# missing, build the servers yourself and point SLOTWISE_REDIS8 and SLOTWISE_VALKEY9 at them.
set -euo pipefail

folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/slotwise/servers}
if [[ -x $folder/redis-server-8 && -x $folder/valkey-server-9 ]]; then exit 0; fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || { echo "newer-servers: $tool is needed (Debian or Ubuntu)" >&2; exit 1; }
done

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d "$folder/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,archives/partial,etc,root}
: >"$work/no-packages"

# On Debian the mirror that is configured already is the one that is reachable from here; elsewhere, Debian's own.
mirror=
if grep -qs '^ID=debian' /etc/os-release; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1 || true)
fi
mirror=${mirror:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -e $keyring ]] || { echo "newer-servers: to check what is downloaded, install debian-archive-keyring first" >&2; exit 1; }
echo "deb [signed-by=$keyring] $mirror unstable main" >"$work/etc/sources.list"

# An apt of its own: own lists, own cache, and a machine on which nothing is installed yet.
private_apt() {
  apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Dir::Etc::SourceList="$work/etc/sources.list" \
    -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$work" -o Dir::State::Lists="$work/lists" \
    -o Dir::State::status="$work/no-packages" -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" \
    -o APT::Install-Recommends=false -o Debug::NoLocking=true "$@"
}

echo "newer-servers: fetching Redis 8 and Valkey 9 from $mirror (unstable) …"
private_apt update
# The two servers and the libraries that they load; what only maintainer scripts would want stays where it is.
private_apt install --print-uris -y redis-server valkey-server | cut -d ' ' -f 2 | cut -d _ -f 1 |
  grep -E '^(redis-|valkey-|lib)' >"$work/names"
(cd "$work/archives" && private_apt download $(cat "$work/names"))
for package in "$work"/archives/*.deb; do dpkg-deb -x "$package" "$work/root"; done

rm -rf "$folder/root"
mv "$work/root" "$folder/root"
loader=$(find "$folder/root" -name 'ld-linux*.so.*' | head -n 1)
libraries=$(dirname "$(find "$folder/root" -name 'libc.so.6' | head -n 1)")
launcher() {
  local binary
  binary=$(find "$folder/root" -path "*/bin/$1" | head -n 1)
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$loader" "$libraries" "$binary" >"$folder/$2.new"
  chmod +x "$folder/$2.new"
  "$folder/$2.new" --version
  mv "$folder/$2.new" "$folder/$2"
}
launcher redis-server redis-server-8
launcher valkey-server valkey-server-9
