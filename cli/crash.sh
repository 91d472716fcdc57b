#!/bin/sh
# `npm run crash -- --all | --seed N`: kills the daemon and its neighbours at points of every effect
# (test/crash/main.ts), on a real containerd, as root.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/cli/setup.sh" test
cd "$root"
PATH=$root/node_modules/.bin:$PATH:$root/node_modules/.cache/docker/usr/bin
export PATH
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
exec node test/crash/main.ts "$@"
