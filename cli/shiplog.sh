#!/bin/sh
# The `shiplog` command: cli/shiplog.ts, whose types are stripped once and not at each call.
set -eu

self=$(readlink -f -- "$0")
root=${self%/cli/shiplog.sh}
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compile}
export NODE_COMPILE_CACHE
exec "$root/node_modules/.bin/node" "$root/cli/shiplog.ts" "$@"
