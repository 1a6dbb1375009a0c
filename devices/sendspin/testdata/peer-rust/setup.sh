#!/bin/sh
# Builds sendspin-rs's own example player in the folder given and prints its path,
# for JUMPGATE_SENDSPIN_RS. Needs a newer Rust than Debian 12 has (1.85 or later, from
# rustup), and `apt-get install pkg-config libasound2-dev`.
set -eu

version=0.3.8
dir=${1:?usage: setup.sh FOLDER}
mkdir -p "$dir"
root=$(cd "$dir" && pwd)/sendspin-$version
if [ ! -x "$root/bin/player" ]; then
  command -v cargo >/dev/null || { echo "setup.sh: needs Rust, see https://rustup.rs" >&2; exit 1; }
  # By its own lock file; link-time optimisation would take minutes more.
  CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --quiet --locked --version "=$version" --example player --root "$root" sendspin >&2
fi
echo "$root/bin/player"
