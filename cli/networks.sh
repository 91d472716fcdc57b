#!/bin/sh
# `npm run networks -- [--seed N] [--operations N]`: random operations on networks of a real daemon,
# with kill -9 (test/networks/main.ts), as root, on a quiet machine.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/cli/setup.sh" test
cd "$root"
PATH=$root/node_modules/.bin:$PATH:$root/node_modules/.cache/docker/usr/bin
export PATH
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
exec node test/networks/main.ts "$@"
