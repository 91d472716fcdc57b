#!/bin/sh
# `npm run crash -- --all | --seed N`: kills the daemon and its neighbours at points of every effect
# (test/crash/main.ts), on a real containerd, as root.
set -eu

# shellcheck source=cli/tools.sh
. "$(dirname -- "$0")/tools.sh"
exec node test/crash/main.ts "$@"
