#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Encodes sounds in many ways with flac and ffmpeg, and compares what our
# decoder makes of each file with what flac does. usage: flac-peers.sh FLAC_CAT
set -euo pipefail
cat=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
sound() { ffmpeg -v error -y -f lavfi -i "$2" -ar "$3" -ac "$4" -map_metadata -1 -fflags +bitexact -c:a "pcm_$5" "$1.wav"; }
sound a16 "anoisesrc=d=2:c=pink:r=44100:a=0.3:seed=3,aecho=0.8:0.9:40:0.4,stereowiden" 44100 2 s16le
sound a24 "anoisesrc=d=1:c=brown:r=96000:a=0.8:seed=4,aecho=0.8:0.9:20:0.3,stereowiden" 96000 2 s24le
sound b24 "aevalsrc='0.5*sin(2*PI*3000*t)*exp(-t)|0.4*sin(2*PI*3001*t+0.3)*exp(-t):s=192000:d=1'" 192000 2 s24le
sound loud "anoisesrc=d=1:c=white:a=1:r=48000:seed=5" 48000 1 s16le
for n in a16 a24 b24 loud; do
  for level in 0 1 2 3 4 5 6 7 8; do flac -s -f --lax "-$level" "$n.wav" -o "$n-flac$level.flac"; done
  for level in 0 3 5 8 10 12; do ffmpeg -v error -y -i "$n.wav" -c:a flac -compression_level $level "$n-ffmpeg$level.flac"; done
  flac -s -f --lax -l 32 -r 15 -b 4608 "$n.wav" -o "$n-l32.flac"
  flac -s -f --lax -b 65535 -8 "$n.wav" -o "$n-big.flac"
  flac -s -f --lax -b 17 "$n.wav" -o "$n-tiny.flac"
done
count=0
for f in *.flac; do
  flac -s -d -f --force-raw-format --endian=little --sign=signed "$f" -o reference
  for seam in 999999999 5 1001; do
    "$cat" "$f" $seam > ours
    cmp ours reference || { echo "$f differs, in two pieces at $seam" >&2; exit 1; }
  done
  count=$((count + 1))
done
echo "$count files, each whole and in pieces: bit for bit the same"
