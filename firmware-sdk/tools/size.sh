#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the size table of docs/size.md: code and constants of the core linked
# with --gc-sections, compiler helpers and C library included, less an empty
# main; the context; the deepest stack; instructions of the FLAC decoder.
# usage: size.sh [FOLDER OF THE CORTEX-M4 BUILD, for instructions]
set -euo pipefail
cd "$(dirname "$0")/.."
m4build=${1:-}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sources=$(sed -n 's/^ *\(src\/[a-z0-9_]*\.c\).*/\1/p' sources.cmake)

text() { # size-program file: code and constants, initialised data too
  "$1" "$2" | awk 'NR == 2 { print $1 + $2 }'
}
M4=(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 --specs=nosys.specs --specs=nano.specs -fno-math-errno)
# Debian has no C library for this target: a few plain functions stand in.
RV=(riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 -nostdlib -ffreestanding -Itools/freestanding -Wl,-e,main)

row() { # label m4 rv
  printf '| %-58s | %9s | %9s |\n' "$1" "$2" "$3"
}
declare -A size
link() { # architecture, program, defines
  local -n cc=$1
  local extra=()
  [ "$1" = M4 ] || extra=(tools/freestanding/string.c -lgcc)
  "${cc[@]}" -std=c99 -Os -ffunction-sections -fdata-sections -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Iinclude -Isrc "${@:3}" \
    tools/size_main.c $sources "${extra[@]}" -o "$out/$1.$2" 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
}
for arch in M4 RV; do
  tool=arm-none-eabi-size
  [ $arch = M4 ] || tool=riscv64-unknown-elf-size
  link $arch empty
  link $arch pcm -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0
  link $arch jump -DJG_SIZE_CORE -DJG_CODEC_FLAC=0
  link $arch flac -DJG_SIZE_CORE -DJG_ROLE_JUMPGATE=0
  link $arch both -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0 -DJG_CRYPTO=1
  link $arch pcm-art -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0 -DJG_ROLE_ARTWORK=1
  link $arch both-art -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0 -DJG_ROLE_ARTWORK=1 -DJG_CRYPTO=1
  for n in empty pcm jump flac both pcm-art both-art; do size[$arch.$n]=$(text $tool "$out/$arch.$n"); done
done
# Noise, CPace and pairing: whole files, all of whose functions are used.
machines() { # architecture
  local -n cc=$1
  local sum=0 f
  for f in noise cpace pair; do
    "${cc[@]}" -std=c99 -Os -Iinclude -Isrc -DJG_CRYPTO=1 -c "src/$f.c" -o "$out/$f.o"
    sum=$((sum + $(text "$2" "$out/$f.o")))
  done
  echo "$sum"
}
noise_m4=$(machines M4 arm-none-eabi-size)
noise_rv=$(machines RV riscv64-unknown-elf-size)

link M4 empty-lto -flto
link M4 pcm-lto -flto -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0
link M4 both-lto -flto -DJG_SIZE_CORE -DJG_CODEC_FLAC=0 -DJG_ROLE_JUMPGATE=0 -DJG_CRYPTO=1
for n in empty-lto pcm-lto both-lto; do size[M4.$n]=$(text arm-none-eabi-size "$out/M4.$n"); done

row "code and constants, -Os, bytes" "Cortex-M4" "rv32imc"
row "---" "---:" "---:"
row "core: player (PCM), controller, metadata, cleartext dialect" $((size[M4.pcm] - size[M4.empty])) $((size[RV.pcm] - size[RV.empty]))
row "the same with link-time optimisation (-flto)" $((size[M4.pcm-lto] - size[M4.empty-lto])) ""
row "the _jumpgate role beside it" $((size[M4.jump] - size[M4.pcm])) $((size[RV.jump] - size[RV.pcm]))
row "both dialects, Noise and CPace left out" $((size[M4.both] - size[M4.empty] - noise_m4)) $((size[RV.both] - size[RV.empty] - noise_rv))
row "Noise, CPace and pairing, without the crypto library" "$noise_m4" "$noise_rv"
row "both dialects and these together" $((size[M4.both] - size[M4.empty])) $((size[RV.both] - size[RV.empty]))
row "the same with link-time optimisation (-flto)" $((size[M4.both-lto] - size[M4.empty-lto])) ""
row "artwork beside the cleartext dialect" $((size[M4.pcm-art] - size[M4.pcm])) $((size[RV.pcm-art] - size[RV.pcm]))
row "artwork beside both dialects" $((size[M4.both-art] - size[M4.both])) $((size[RV.both-art] - size[RV.both]))
row "FLAC decoder beside it" $((size[M4.flac] - size[M4.pcm])) $((size[RV.flac] - size[RV.pcm]))

cat > "$out/context.c" <<'C'
#include "jumpgate/jumpgate.h"
char context[sizeof(struct jg_client)];
C
both=$("${M4[@]}" -std=c99 -DJG_CRYPTO=1 -Iinclude -c "$out/context.c" -o "$out/c.o" && arm-none-eabi-nm -S "$out/c.o" | awk '{ print "0x" $2 }')
m4=$("${M4[@]}" -std=c99 -Iinclude -c "$out/context.c" -o "$out/c.o" && arm-none-eabi-nm -S "$out/c.o" | awk '{ print "0x" $2 }')
rv=$("${RV[@]:0:3}" -std=c99 -ffreestanding -Iinclude -c "$out/context.c" -o "$out/c.o" && riscv64-unknown-elf-nm -S "$out/c.o" | awk '{ print "0x" $2 }')
row "struct jg_client: the whole context, message buffers included" $((m4)) $((rv))
row "the same with both dialects" $((both)) ""
row "FLAC scratch, the caller's: 4 bytes x 4608 x 2 channels" 36864 36864
stack=$(python3 tools/stack.py "${M4[*]}" $sources)
row "deepest stack from any function of the interface" "$stack" ""
row "the same with both dialects, the crypto library left out" "$(python3 tools/stack.py "${M4[*]} -DJG_CRYPTO=1" $sources)" ""
if [ -n "$m4build" ]; then
  qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -icount shift=0 -semihosting-config enable=on,target=native \
    -kernel "$m4build/ports/baremetal/flac-m4" | while read -r file count rest; do
    row "FLAC, emulated, $file: $rest" "$count" ""
  done
fi
