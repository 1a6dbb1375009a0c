package library

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// benchEnv names the tree to the process whose memory is measured.
const benchEnv = "LIBRARY_BENCH_TREE"

const benchFiles = 10_000

// BenchmarkScan scans 10,000 tagged files, FLAC and MP3 by halves, in albums of
// ten, each with a cover of its own in every file; first from nothing, then
// unchanged. It runs in a process of its own, to tell how much memory a scan
// takes at its peak (VmHWM).
func BenchmarkScan(b *testing.B) {
	if tree := os.Getenv(benchEnv); tree != "" {
		scanTree(b, tree)
		return
	}
	tree := b.TempDir()
	makeTree(b, tree)
	b.ResetTimer()
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run=xxx", "-test.bench=BenchmarkScan", "-test.benchtime=1x")
		cmd.Env = append(os.Environ(), benchEnv+"="+tree, "GOMAXPROCS=2")
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		for _, m := range regexp.MustCompile(`measured (\S+) ([\d.]+)`).FindAllSubmatch(out, -1) {
			v, err := strconv.ParseFloat(string(m[2]), 64)
			check(b, err)
			b.ReportMetric(v, string(m[1]))
		}
	}
}

func scanTree(b *testing.B, tree string) {
	ctx := context.Background()
	f := fixtureIn(b, b.TempDir(), AudioProber{}, tree)
	start := time.Now()
	f.scan(ctx)
	first := time.Since(start)
	n := must(f.store.Counts(ctx))
	if n.Tracks != benchFiles || n.Albums != benchFiles/10 || f.Progress().Problems != 0 {
		b.Fatalf("counts: %+v, %v", n, f.Report())
	}
	start = time.Now()
	f.scan(ctx)
	again := time.Since(start)
	fmt.Printf("measured tracks/s %.0f\nmeasured rescan-s %.3f\n", benchFiles/first.Seconds(), again.Seconds())
	if runtime.GOOS == "linux" {
		status := must(os.ReadFile("/proc/self/status"))
		peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
		fmt.Printf("measured peak-MB %.1f\n", float64(must(strconv.Atoi(string(peak[1]))))/1024)
	}
}

// makeTree writes the files of the benchmark: small ones, since scans read no
// audio.
func makeTree(b *testing.B, tree string) {
	header, frames := flacSound(1)
	mp3 := bytes.Repeat(append([]byte{0xFF, 0xFB, 0x90, 0x64}, make([]byte, 413)...), 40)
	for album := range benchFiles / 10 {
		cover := append(picture(64, color.RGBA{uint8(album), uint8(album >> 8), 99, 255}, false), make([]byte, 60_000)...)
		for i := range 10 {
			title, artist, name := fmt.Sprintf("Title %d of %d", i, album), fmt.Sprintf("Artist %d", album/4), fmt.Sprintf("Album %d", album)
			dir := filepath.Join(fmt.Sprintf("Artist %d", album/4), name)
			if i%2 == 0 {
				comments := []string{
					"TITLE=" + title, "ARTIST=" + artist, "ALBUM=" + name, "ALBUMARTIST=" + artist, "GENRE=Rock", "DATE=1999",
					"TRACKNUMBER=" + strconv.Itoa(i+1), "TRACKTOTAL=10", "REPLAYGAIN_TRACK_GAIN=-6.1 dB",
				}
				put(b, tree, filepath.Join(dir, fmt.Sprintf("%02d.flac", i+1)), flacWith(comments, cover, header, frames))
				continue
			}
			tag := id3(map[string]string{
				"TIT2": title, "TPE1": artist, "TALB": name, "TPE2": artist, "TCON": "Rock", "TYER": "1999", "TRCK": strconv.Itoa(i+1) + "/10",
			}, cover)
			put(b, tree, filepath.Join(dir, fmt.Sprintf("%02d.mp3", i+1)), append(tag, mp3...))
		}
	}
}

// id3 returns an ID3v2.3 tag.
func id3(frames map[string]string, cover []byte) []byte {
	var body []byte
	add := func(id string, b []byte) {
		body = append(body, id...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(b)))
		body = append(append(body, 0, 0), b...)
	}
	for id, s := range frames {
		add(id, append([]byte{0}, s...))
	}
	add("APIC", append([]byte("\x00image/jpeg\x00\x03\x00"), cover...))
	n := len(body)
	return append([]byte{'I', 'D', '3', 3, 0, 0, byte(n >> 21 & 127), byte(n >> 14 & 127), byte(n >> 7 & 127), byte(n & 127)}, body...)
}
