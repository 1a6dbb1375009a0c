package demo

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkPieces composes one piece of each album, mastered but not written.
func BenchmarkPieces(b *testing.B) {
	albums := catalogue()
	for i := range albums {
		b.Run(albums[i].genre+"/"+albums[i].title, func(b *testing.B) {
			seconds := 0.0
			for b.Loop() {
				parts, _ := job{album: &albums[i], index: i, count: 1}.render(b.Context())
				seconds += float64(parts[0].Frames()) / flacRate
			}
			b.ReportMetric(seconds/b.Elapsed().Seconds(), "x_realtime")
		})
	}
}

// BenchmarkEncode writes a piece as FLAC.
func BenchmarkEncode(b *testing.B) {
	albums := catalogue()
	parts, _ := job{album: &albums[10], index: 10, count: 1}.render(b.Context())
	f := flacFile{left: pcm16(parts[0].L, 1), right: pcm16(parts[0].R, 2)}
	seconds := 0.0
	for b.Loop() {
		if err := f.writeTo(discard{}); err != nil {
			b.Fatal(err)
		}
		seconds += float64(len(f.left)) / flacRate
	}
	b.ReportMetric(seconds/b.Elapsed().Seconds(), "x_realtime")
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkCompose makes the whole library with two workers.
func BenchmarkCompose(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		start := time.Now()
		var first, third time.Duration
		err := Compose(context.Background(), Config{Dir: dir, Workers: 2, Progress: func(p Progress) {
			switch p.Done {
			case 1:
				first = time.Since(start)
			case 3:
				third = time.Since(start)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(first.Seconds(), "s_to_first")
		b.ReportMetric(third.Seconds(), "s_to_third")
		b.ReportMetric(float64(folderSize(b, dir))/1e6, "MB")
	}
}

func folderSize(tb testing.TB, dir string) int64 {
	size := int64(0)
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return size
}
