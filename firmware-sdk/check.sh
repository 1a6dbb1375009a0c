#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the SDK for the host and for the emulated Cortex-M4 and runs every
# check on it; `make sdk` of the top folder calls it. usage: check.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")"
work=${1:?usage: check.sh FOLDER}
fuzz_seconds=${FUZZ_SECONDS:-8}
mkdir -p "$work"
jobs=$(nproc)
say() { printf '\n== %s\n' "$*"; }
make_in() { # folder, cmake options
  local folder=$work/$1
  cmake -S . -B "$folder" "${@:2}" > "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  cmake --build "$folder" -j "$jobs" >> "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
}
mkdir -p "$work"

say "host, with address and undefined-behaviour sanitizers"
make_in host -DJG_MBEDTLS=ON -DJG_SANITIZE=ON -DJG_TESTS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
ctest --test-dir "$work/host" --output-on-failure | tail -n 5
"$work/host/tests/core" 2>/dev/null | grep -aE '^(clock|playout|stall|lead):'

say "host, the cleartext dialect with artwork"
make_in artwork -DJG_ARTWORK=ON -DJG_SANITIZE=ON -DJG_TESTS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
ctest --test-dir "$work/artwork" --output-on-failure | tail -n 5

say "host, both dialects with artwork"
make_in artwork-both -DJG_MBEDTLS=ON -DJG_ARTWORK=ON -DJG_SANITIZE=ON -DJG_TESTS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
ctest --test-dir "$work/artwork-both" --output-on-failure | tail -n 5

say "FLAC files of the flac and ffmpeg encoders, against flac's decoder"
bash tests/flac-peers.sh "$work/host/tests/flac_cat"

say "the program of docs/guide.md"
{ printf '#include "board.h"\n'; sed -n '/static struct jg_client player/,/^1\./s/^    //p' docs/guide.md; } |
  cc -std=c99 -Wall -Wextra -Werror -Iinclude -Iexamples -x c -c -o "$work/guide.o" -
echo "compiles"

say "emulated Cortex-M4"
make_in m4 -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/cortex-m4-qemu.cmake" -DCMAKE_BUILD_TYPE=MinSizeRel -DJG_TESTS=ON
ctest --test-dir "$work/m4" --output-on-failure | tail -n 5

say "emulated Cortex-M4, both dialects with artwork, without a crypto library"
make_in m4-both -DJG_BOTH=ON -DJG_ARTWORK=ON -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/cortex-m4-qemu.cmake" -DCMAKE_BUILD_TYPE=MinSizeRel -DJG_TESTS=ON
ctest --test-dir "$work/m4-both" --output-on-failure | tail -n 5

say "clang-tidy, cppcheck"
printf '%s\n' src/*.c ports/mbedtls/*.c ports/posix/*.c | xargs -P "$jobs" -n 3 clang-tidy -p "$work/artwork-both" --quiet 2>/dev/null
cppcheck --std=c99 --enable=warning,performance,portability --error-exitcode=1 --quiet -UJG_CONFIG_FILE -Iinclude -Isrc src ports/posix ports/mbedtls ports/baremetal

say "fuzzers, $fuzz_seconds s each"
make_in fuzz -DJG_MBEDTLS=ON -DJG_ARTWORK=ON -DCMAKE_C_COMPILER=clang -DJG_FUZZ=ON -DJG_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
for name in json flac link secure; do
  mkdir -p "$work/corpus-$name"
  "$work/fuzz/fuzz/fuzz_$name" -max_total_time="$fuzz_seconds" -max_len=8192 -artifact_prefix="$work/" \
    "$work/corpus-$name" "fuzz/corpus/$name" > "$work/fuzz-$name.log" 2>&1 || { tail -n 30 "$work/fuzz-$name.log"; exit 1; }
  echo "$name: $(grep -a '^Done' "$work/fuzz-$name.log")"
done

say "coverage of src/ by the core suite, the vectors and the corpora"
make_in coverage -DJG_MBEDTLS=ON -DJG_ARTWORK=ON -DJG_COVERAGE=ON -DJG_TESTS=ON
find "$work/coverage" -name '*.gcda' -delete
ctest --test-dir "$work/coverage" > /dev/null
gcovr --root . --filter src/ --fail-under-line 90 "$work/coverage" | tail -n 22
