# For the scripts beside this one: installs a Debian package where we may, without starting what it brings.
install_it() {
  local package=$1 what_for=$2 root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    root=(sudo)
  fi
  command -v apt-get >/dev/null || return 1
  echo "Installing $package for $what_for ..." >&2
  "${root[@]}" apt-get update -qq >&2 || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}
