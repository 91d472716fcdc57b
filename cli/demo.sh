#!/bin/sh
# `npm run demo`: sets up what is missing, then shows what shiplog is about.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/cli/setup.sh" test
PATH=$root/node_modules/.bin:$PATH:$root/node_modules/.cache/docker/usr/bin
export PATH
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
exec node "$root/test/demo/main.ts"
