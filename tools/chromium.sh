#!/usr/bin/env bash
# Prints where Chromium is; installs it with apt when there is none and we may.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

find_it() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium google-chrome google-chrome-stable chromium-browser; do
    if [ -n "$candidate" ] && command -v "$candidate"; then
      return
    fi
  done
  return 1
}

if [ -n "${CHROMIUM:-}" ] && ! command -v "$CHROMIUM" >/dev/null; then
  echo "CHROMIUM=$CHROMIUM is not a program that can be run." >&2
  exit 1
fi
find_it || { install_it chromium "the browser tests" && find_it; } || {
  echo "The browser tests need Chromium: install it (on Debian: apt-get install chromium), or name it with CHROMIUM=." >&2
  exit 1
}
