#!/usr/bin/env bash
# Finds nginx; installs it with apt when there is none and we may.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

find_it() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx >/dev/null
}

find_it || { install_it nginx-light "make scale" && find_it; } || {
  echo "make scale needs nginx: install it (on Debian: apt-get install nginx-light)." >&2
  exit 1
}
