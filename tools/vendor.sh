#!/bin/sh
# Fetch the third-party front-end files at their pinned versions and record what was copied.
# The result is committed, so running the shop never needs npm. Usage: make vendor (or tools/vendor.sh).
set -eu
cd "$(dirname "$0")/.."
root=app/static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # package version: prints the folder of the unpacked package
  archive=$(cd "$work" && npm pack --silent "$1@$2")
  mkdir -p "$work/out/$1"
  tar -xzf "$work/$archive" -C "$work/out/$1" --strip-components=1
  printf '%s\n' "$work/out/$1"
}

note() { # package version licence file...: one line of the table for each file
  package=$1 version=$2 licence=$3
  shift 3
  for file in "$@"; do
    printf '| `%s` | %s %s | %s | `%s` |\n' "$file" "$package" "$version" "$licence" \
      "$(sha256sum "$file" | cut -d' ' -f1)" >>"$work/table"
  done
}

mkdir -p "$root/fonts" "$root/htmx" "$root/dejavu" tests/vendor

v=5.3.0
from=$(fetch @fontsource-variable/archivo $v)
for subset in latin latin-ext; do
  cp "$from/files/archivo-$subset-wdth-normal.woff2" "$root/fonts/archivo-$subset-$v.woff2"
done
cp "$from/LICENSE" "$root/fonts/archivo-OFL.txt"
note @fontsource-variable/archivo $v OFL-1.1 "$root/fonts/archivo-latin-$v.woff2" "$root/fonts/archivo-latin-ext-$v.woff2"

from=$(fetch @fontsource-variable/martian-mono $v)
for subset in latin latin-ext; do
  cp "$from/files/martian-mono-$subset-wght-normal.woff2" "$root/fonts/martian-mono-$subset-$v.woff2"
done
cp "$from/LICENSE" "$root/fonts/martian-mono-OFL.txt"
note @fontsource-variable/martian-mono $v OFL-1.1 \
  "$root/fonts/martian-mono-latin-$v.woff2" "$root/fonts/martian-mono-latin-ext-$v.woff2"

v=2.0.11 # the 2.x line; an unpinned install would give 4.x
from=$(fetch htmx.org $v)
cp "$from/dist/htmx.min.js" "$root/htmx/htmx.min.js"
cp "$from/LICENSE" "$root/htmx/LICENSE"
note htmx.org $v 0BSD "$root/htmx/htmx.min.js"

v=2.37.3
from=$(fetch dejavu-fonts-ttf $v)
cp "$from/ttf/DejaVuSans.ttf" "$from/ttf/DejaVuSans-Bold.ttf" "$root/dejavu/"
cp "$from/LICENSE" "$root/dejavu/LICENSE"
note dejavu-fonts-ttf $v "Bitstream Vera, public domain" "$root/dejavu/DejaVuSans.ttf" "$root/dejavu/DejaVuSans-Bold.ttf"

v=4.14.1
from=$(fetch axe-core $v)
cp "$from/axe.min.js" tests/vendor/axe.min.js
cp "$from/LICENSE" tests/vendor/axe-LICENSE.txt
note axe-core $v MPL-2.0 tests/vendor/axe.min.js

{
  printf '# Vendored files\n\nWritten by `make vendor`; do not edit the files by hand. Licences lie beside them.\n\n'
  printf '| File | Package | Licence | SHA-256 |\n|---|---|---|---|\n'
  cat "$work/table"
} >"$root/VENDOR.md"
