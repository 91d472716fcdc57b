#!/bin/sh
# `npm run networks -- [--seed N] [--operations N]`: random operations on networks of a real daemon,
# with kill -9 (test/networks/main.ts), as root, on a quiet machine.
set -eu

# shellcheck source=cli/tools.sh
. "$(dirname -- "$0")/tools.sh"
exec node test/networks/main.ts "$@"
