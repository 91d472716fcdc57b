#!/bin/sh
# `npm test`: sets up what is missing, then checks everything, cheapest first, and stops at the
# first stage that fails. `npm test -- FILE...` runs these spec files alone.
set -eu

# shellcheck source=cli/tools.sh
. "$(dirname -- "$0")/tools.sh"

stage() { printf '\n== %s\n' "$*"; }

# Specs in the real world (root, containerd, mounts) have all that they touch under a directory of
# their own, so some run side by side: most of their time they wait for others' processes.
lanes=${SHIPLOG_TEST_LANES:-3}
serial() { node --test --test-concurrency=1 "$@" </dev/null; }

if [ $# -gt 0 ]; then
  serial "$@"
  exit 0
fi

stage 'types'
tsc -p .
stage 'format and lint'
biome check .
for generator in api/openapi/generate.ts docs/generate.ts; do
  if [ -f "$generator" ]; then
    stage "generated files are as $generator makes them"
    node "$generator" --check
  fi
done
stage 'unit specs'
node --test '**/*.unit.spec.ts' </dev/null

# Paths of this project hold no blanks.
world=$(find . \( -name node_modules -o -name .git \) -prune -o \
  \( -name '*.int.spec.ts' -o -name '*.e2e.spec.ts' \) -print | sort)
if [ -n "$world" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    printf 'The integration and end-to-end specs need root: run npm test as root.\n' >&2
    exit 1
  fi
  stage 'integration and end-to-end specs'
  failed=$(mktemp)
  trap 'rm -f "$failed"' EXIT
  # shellcheck disable=SC2086 # a list of words
  node --test --test-concurrency="$lanes" \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=./test/support/failedFiles.ts --test-reporter-destination="$failed" \
    $world </dev/null && exit 0
  # Beside others a machine can be too slow for what waits for the world: that is no fault of it.
  [ -s "$failed" ] || exit 1
  stage 'once more, alone: what failed beside others'
  cat "$failed"
  # shellcheck disable=SC2046 # a list of words
  serial $(cat "$failed")
fi
