#!/bin/sh
# `npm run test:differential`: what shiplog makes of hundreds of options, and of networks, beside
# what dockerd 20.10 makes of them. Without a dockerd it is unpacked from Debian's package,
# installed is nothing.
# Arguments go to test/differential/options/main.ts; networks/main.ts has its own.
set -eu

# shellcheck source=cli/tools.sh
. "$(dirname -- "$0")/tools.sh"

cache=$root/node_modules/.cache/dockerd
if [ -z "${SHIPLOG_DOCKERD:-}" ] && ! command -v dockerd >/dev/null 2>&1; then
  SHIPLOG_DOCKERD=$cache/usr/sbin/dockerd
  if [ ! -x "$SHIPLOG_DOCKERD" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    (cd "$scratch" && apt-get download docker.io && dpkg-deb -x docker.io_*.deb unpacked)
    mkdir -p "$cache"
    cp -r "$scratch/unpacked/usr" "$cache/"
  fi
  export SHIPLOG_DOCKERD
fi

node test/differential/options/main.ts "$@"
node test/differential/networks/main.ts
