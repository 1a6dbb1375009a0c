#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes tests/data: short FLAC files of many shapes, and the sums of what the
# reference decoder makes of them. Needs ffmpeg and flac.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p data
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sound() { # name, filter, rate, channels, sample format
  ffmpeg -v error -y -f lavfi -i "$2" -ar "$3" -ac "$4" -c:a "pcm_$5" -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$work/$1.wav"
}
sound stereo16 "anoisesrc=d=0.4:c=pink:r=44100:a=0.3:seed=1,aecho=0.8:0.9:40:0.4,stereowiden" 44100 2 s16le
sound stereo24 "aevalsrc='0.5*sin(2*PI*3000*t)*exp(-t)+0.01*random(0)|0.4*sin(2*PI*3001*t+0.3)*exp(-t):s=96000:d=0.2'" 96000 2 s24le
sound high24 "aevalsrc='0.6*sin(2*PI*900*t)|0.6*sin(2*PI*905*t):s=192000:d=0.08'" 192000 2 s24le
sound mono16 "sine=f=440:d=0.4:r=48000" 48000 1 s16le
sound noise16 "anoisesrc=d=0.1:c=white:a=1:r=48000:seed=2" 48000 2 s16le
sound silence16 "anullsrc=d=0.2:r=44100:cl=stereo" 44100 2 s16le

enc() { flac -s -f --lax --no-padding "${@:3}" "$work/$1.wav" -o "data/$2.flac"; }
enc stereo16 stereo16 -8
enc stereo16 fixed16 -0
enc stereo16 lpc32 -l 32 -b 4608 -r 15 -e
enc stereo16 small16 -b 17
enc stereo24 stereo24 -5
enc stereo24 plain24 --no-mid-side -l 12 -b 512
enc high24 high24 -8
enc mono16 mono16 -8
enc noise16 verbatim16 -5
enc silence16 constant16 -5
ffmpeg -v error -y -i "$work/stereo16.wav" -map_metadata -1 -c:a flac -compression_level 12 data/ffmpeg16.flac
ffmpeg -v error -y -i "$work/stereo16.wav" -map_metadata -1 -c:a flac -sample_fmt s32 -compression_level 8 data/wasted24.flac

: > data/sums.txt
for f in data/*.flac; do
  flac -s -d -f --force-raw-format --endian=little --sign=signed "$f" -o "$work/raw"
  python3 - "$work/raw" "$(basename "$f")" >> data/sums.txt <<'PY'
import sys
h = 2166136261
for b in open(sys.argv[1], "rb").read():
    h = ((h ^ b) * 16777619) & 0xFFFFFFFF
print(sys.argv[2], "%08x" % h)
PY
done
