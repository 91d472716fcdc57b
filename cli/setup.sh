#!/bin/sh
# Sets up what shiplog needs and does not find: Debian's containerd and runc, the programs that
# networks are made with, and the node modules (Node itself is one of them). With the argument
# `test` also what the tests need: a static busybox, a docker CLI and docker-compose 1.29. Looks
# before it acts: with nothing missing it only looks, and when it may not install it says what to
# install and changes nothing.
set -eu

purpose=${1:-run}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=$root/node_modules/.cache
stamp=$root/node_modules/.shiplog-lock
scratch=
policy=

say() { printf 'shiplog setup: %s\n' "$*" >&2; }

refuse() {
  say "$@"
  exit 1
}

tidy_up() {
  [ -z "$scratch" ] || rm -rf "$scratch"
  [ -z "$policy" ] || rm -f "$policy"
}
trap tidy_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Debian's `busybox` package is linked dynamically: it can not run alone in an image.
has_static_busybox() {
  [ -x /bin/busybox ] || return 1
  command -v dpkg-query >/dev/null 2>&1 || return 0
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' busybox-static 2>/dev/null)" = 'ii ' ]
}

has_docker_cli() { command -v docker >/dev/null 2>&1 || [ -x "$cache/docker/usr/bin/docker" ]; }

# The old one, of Debian 12: specs that need it are skipped, loudly, where it can not be had.
has_compose() { command -v docker-compose >/dev/null 2>&1; }
may_install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 &&
    grep -q 'VERSION_ID="12"' /etc/os-release 2>/dev/null
}

missing_packages() {
  command -v containerd >/dev/null 2>&1 || printf ' containerd'
  command -v runc >/dev/null 2>&1 || printf ' runc'
  command -v ip >/dev/null 2>&1 || printf ' iproute2'
  command -v nft >/dev/null 2>&1 || printf ' nftables'
  command -v conntrack >/dev/null 2>&1 || printf ' conntrack'
  if [ "$purpose" = test ] && ! has_static_busybox; then printf ' busybox-static'; fi
  if [ "$purpose" = test ] && ! command -v tmux >/dev/null 2>&1; then printf ' tmux'; fi
  if [ "$purpose" = test ] && may_install && ! has_compose; then printf ' docker-compose'; fi
}

modules_current() {
  [ -x "$root/node_modules/.bin/node" ] && [ -r "$stamp" ] &&
    [ "$(cksum <"$root/package-lock.json")" = "$(cat "$stamp")" ]
}

# --- look -----------------------------------------------------------------------------------------

packages=$(missing_packages)
need_modules=
modules_current || need_modules=yes
need_docker=
if [ "$purpose" = test ] && ! has_docker_cli; then need_docker=yes; fi
[ -n "$packages$need_modules$need_docker" ] || exit 0

# --- may we? --------------------------------------------------------------------------------------

if [ -n "$packages" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    refuse "missing:$packages (names of the Debian packages). There is no apt-get here:" \
      "install them with your system's package manager, then start again."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    refuse "missing:$packages. Install them as root, then start again:" \
      "apt-get install --no-install-recommends$packages"
  fi
fi
if [ -n "$need_docker" ]; then
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg >/dev/null 2>&1; then
    refuse "the tests need a docker CLI on PATH and there is no apt-get to get it with:" \
      "install one (the command alone, no daemon), then start again."
  fi
fi
if [ -n "$need_modules" ]; then
  command -v npm >/dev/null 2>&1 ||
    refuse "npm is missing: install Node.js with npm (any version from 18 on), then start again."
  [ -w "$root" ] ||
    refuse "can not write $root: run 'npm install --no-save' as the owner of this directory."
fi

# --- do -------------------------------------------------------------------------------------------

export DEBIAN_FRONTEND=noninteractive

# Runs an apt-get command; only if it fails, the lists may be missing or old: update and run it
# again.
with_lists() {
  "$@" </dev/null >&2 && return 0
  say 'updating the package lists'
  apt-get -qq update </dev/null >&2
  "$@" </dev/null >&2
}

install_packages() {
  say "installing$packages"
  # Debian starts a daemon when it installs one; shiplog runs its own. 101 means "do not".
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  # shellcheck disable=SC2086 # a list of words
  with_lists apt-get -qq install -y --no-install-recommends $packages
  if [ -n "$policy" ]; then rm -f "$policy"; fi
  policy=
}

install_modules() {
  say 'installing node modules'
  # npm puts node_modules/.bin on PATH, and the node in there may be about to be replaced.
  outside=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v 'node_modules/\.bin/*$' | paste -sd: -)
  # Installs what the lock file says and leaves that file alone. Not `npm ci`: it refuses a lock
  # file that lacks packages which are optional and meant for other systems.
  # Only node's own install script is run: the other packages bring their binaries along, and an
  # npm that does not know `allowScripts` would compile them for the wrong Node.
  (cd "$root" &&
    PATH=$outside npm install --no-save --no-audit --no-fund --ignore-scripts </dev/null >&2 &&
    PATH=$outside npm rebuild node </dev/null >&2)
  cksum <"$root/package-lock.json" >"$stamp"
}

# The command alone: the package is unpacked, not installed, so that no dockerd comes with it.
unpack_docker_cli() {
  say "unpacking Debian's docker command into node_modules/.cache"
  mkdir -p "$cache"
  scratch=$(mktemp -d "$cache/docker.XXXXXX")
  (cd "$scratch" && with_lists sh -c 'apt-get -qq download docker-cli 2>/dev/null ||
    apt-get -qq download docker.io')
  dpkg -x "$scratch"/docker*.deb "$scratch/root"
  [ -x "$scratch/root/usr/bin/docker" ] || refuse 'the package has no usr/bin/docker'
  rm -rf "$cache/docker"
  mv "$scratch/root" "$cache/docker"
  rm -rf "$scratch"
  scratch=
}

if [ -n "$packages" ]; then install_packages; fi
if [ -n "$need_modules" ]; then install_modules; fi
if [ "$purpose" = test ] && ! has_docker_cli; then unpack_docker_cli; fi
