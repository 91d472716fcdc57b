#!/bin/sh
# `npm run demo`: sets up what is missing, then shows what shiplog is about.
set -eu

# shellcheck source=cli/tools.sh
. "$(dirname -- "$0")/tools.sh"
exec node test/demo/main.ts
