# Sourced by the scripts beside it that test or show something: sets up what is missing, and goes to
# the project's directory with its own tools first in the PATH.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
sh "$root/cli/setup.sh" test
cd "$root"
PATH=$root/node_modules/.bin:$PATH:$root/node_modules/.cache/docker/usr/bin
export PATH
export NODE_COMPILE_CACHE="$root/node_modules/.cache/compile"
