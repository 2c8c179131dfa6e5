#!/usr/bin/env bash
# Makes .venv and installs the pinned requirements: `tools/bootstrap.sh runtime` or `dev` (which holds the runtime too).
# PYTHON= chooses an interpreter; otherwise the first one on the path that is 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
kind=${1:-runtime}

stop() {
  echo "$1" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

good() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if good "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  stop "Runout needs Python 3.11 or newer: install it (on Debian: apt-get install python3 python3-venv), or name it with PYTHON=."
}

make_venv() {
  local python
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then # Debian ships it apart
    local package
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    echo "Installing $package ..."
    as_root sh -c "{ apt-get install -y -qq $package || { apt-get update -qq && apt-get install -y -qq $package; }; } >/dev/null" ||
      stop "Python's venv module is missing: run 'apt-get install $package' as root, then try again."
  fi
  rm -rf .venv
  "$python" -m venv .venv
}

install() {
  if [ -x .venv/bin/uv ]; then
    UV_LINK_MODE=copy .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1" && return
    echo "uv could not install $1; trying pip ..." >&2
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

case $kind in
  runtime) requirements=requirements.txt ;;
  dev) requirements=requirements-dev.txt ;;
  *) stop "usage: tools/bootstrap.sh runtime|dev" ;;
esac

# Somebody without a home folder of their own keeps the caches beside the environment.
if [ ! -w "${XDG_CACHE_HOME:-${HOME:-/nonexistent}}" ]; then
  export UV_CACHE_DIR=$PWD/.venv/.cache PIP_CACHE_DIR=$PWD/.venv/.cache/pip
fi

good .venv/bin/python || make_venv
if [ ! -x .venv/bin/uv ]; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" 2>/dev/null ||
    echo "uv is not to be had; pip does its work, more slowly." >&2
fi
echo "Installing the $kind requirements ..."
install "$requirements" ||
  stop "The requirements could not be installed: the package index must be reachable once; after that, none is needed."
touch .venv/.runtime
[ "$kind" = runtime ] || touch .venv/.dev
