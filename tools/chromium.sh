#!/usr/bin/env bash
# Prints where Chromium is; installs it with apt when there is none and we may.
set -euo pipefail

find_it() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser; do
    if [ -n "$candidate" ] && command -v "$candidate"; then
      return
    fi
  done
  return 1
}

install_it() {
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    root=(sudo)
  fi
  command -v apt-get >/dev/null || return 1
  echo "Installing Chromium for the browser tests ..." >&2
  "${root[@]}" apt-get update -qq >&2 || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
}

if [ -n "${CHROMIUM:-}" ] && ! command -v "$CHROMIUM" >/dev/null; then
  echo "CHROMIUM=$CHROMIUM is not a program that can be run." >&2
  exit 1
fi
find_it || { install_it && find_it; } || {
  echo "The browser tests need Chromium: install it (on Debian: apt-get install chromium), or name it with CHROMIUM=." >&2
  exit 1
}
