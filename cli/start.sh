#!/bin/sh
# `npm start [-- flags]`: sets up what is missing, then becomes the daemon.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/cli/setup.sh"
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
# shellcheck disable=SC2046 # a list of words
exec "$root/node_modules/.bin/node" $(cat "$root/cli/node.flags") "$root/main.ts" "$@"
