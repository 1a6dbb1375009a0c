package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// What is called as was typed comes before what stands on an album of that name.
func TestSearchRanks(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	var b ScanBatch
	for i, n := range [][3]string{
		{"소란", "소란", "봄"},
		{"Mono", "Air", "봄"},
		{"보물", "자전거 탄 풍경", "보물"},
		{"봄날은 간다", "김윤아", "유리가면"},
		{"그해 봄", "나얼", "Band Aid"},
		{"Bright", "봄", "Day"},
		{"봄", "로이킴", "Home"},
	} {
		b.Tracks = append(b.Tracks, scanned(fmt.Sprintf("/music/%d", i), n[0], n[1], n[2]))
	}
	check(t, s.SaveScan(ctx, b))
	var got []string
	for _, f := range must(s.Search(ctx, "봄", 10)).Tracks {
		got = append(got, f.Title)
	}
	want := []string{"봄", "Bright", "봄날은 간다", "보물", "그해 봄", "Mono", "소란"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestSearch(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	var b ScanBatch
	for i, n := range [][3]string{
		{"봄날", "방탄소년단", "You Never Walk Alone"},
		{"사랑", "임재범", "사랑"},
		{"사랑스러운 그대", "이문세", "독창회"},
		{"夜に駆ける", "YOASOBI", "THE BOOK"},
		{"Jóga", "Björk", "Homogenic"},
		{"One", "U2", "Achtung Baby"},
		{"One More Time", "Daft Punk", "Discovery"},
		{"The One", "Elton John", "The One"},
		{"Another Song", "One", "Third"},
		{"T.N.T.", "AC/DC", "T.N.T."},
		{"÷", "Signs", "Signs"},
	} {
		b.Tracks = append(b.Tracks, scanned(fmt.Sprintf("/music/%d", i), n[0], n[1], n[2]))
	}
	check(t, s.SaveScan(ctx, b))
	for _, tt := range []struct{ typed, first string }{
		{"봄날", "봄날"},
		{"ㅂㄴ", "봄날"},
		{"ㅅㄹ", "사랑"},
		{"살", "사랑"},
		{"사랑스", "사랑스러운 그대"},
		{"그대", "사랑스러운 그대"},
		{"夜に", "夜に駆ける"},
		{"夜", "夜に駆ける"},
		{"u2", "One"},
		{"joga", "Jóga"},
		{"bjork", "Jóga"},
		{"yoa", "夜に駆ける"},
		{"one", "One"},
		{"one m", "One More Time"},
		{"daft one", "One More Time"},
		{"acdc", "T.N.T."},
		{"tnt", "T.N.T."},
		{"÷", "÷"},
		{"homo", "Jóga"},
	} {
		found, err := s.Search(ctx, tt.typed, 5)
		check(t, err)
		if len(found.Tracks) == 0 || found.Tracks[0].Title != tt.first {
			t.Errorf("%q finds %+v, want %q first", tt.typed, found.Tracks, tt.first)
		}
	}
	found := must(s.Search(ctx, "one", 5))
	if len(found.Artists) != 1 || len(found.Albums) != 2 || found.Albums[1].Title != "The One" || len(found.Tracks) != 4 {
		t.Errorf("one: %+v", found)
	}
	for _, typed := range []string{"", " ", `"`, "*", "zzz", "NEAR(", "a AND", `") OR terms:*`} {
		if _, err := s.Search(ctx, typed, 5); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

// words that names are made of in the benchmark: few, so that prefixes match a
// lot, which is the hard case.
var words = []string{
	"love", "night", "summer", "sun", "rain", "heart", "dance", "dream", "blue", "the", "and", "song", "stay", "alone", "again", "light",
	"사랑", "봄날", "그대", "밤", "하늘", "바다", "이별", "기억", "夜", "君", "夢", "空", "花", "さくら", "ひかり", "カゼ",
}

func filled(tb testing.TB, n int) *Store {
	s := opened(tb, tb.TempDir())
	rnd := rand.New(rand.NewPCG(3, 4))
	name := func(k int) string {
		out := ""
		for range 1 + rnd.IntN(k) {
			out += words[rnd.IntN(len(words))] + string(rune('a'+rnd.IntN(26))) + " "
		}
		return out[:len(out)-1]
	}
	for done := 0; done < n; {
		var b ScanBatch
		for range 500 {
			album := done / 12
			b.Tracks = append(b.Tracks, scanned(fmt.Sprintf("/music/%d/%d.flac", album, done), name(4), fmt.Sprintf("%s %d", words[album%len(words)], album/3), fmt.Sprintf("%s %d", name(2), album)))
			done++
		}
		check(tb, s.SaveScan(context.Background(), b))
	}
	return s
}

var typings = []string{"l", "lo", "love", "love n", "s", "사", "ㅅ", "ㅅㄹ", "살", "사랑", "봄날 그", "夜", "さ", "the", "love song rain", "u2", "a", "1"}

func BenchmarkSearch(b *testing.B) {
	s := filled(b, 50_000)
	ctx := context.Background()
	for _, typed := range typings {
		b.Run(typed, func(b *testing.B) {
			var slowest time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := s.Search(ctx, typed, 20); err != nil {
					b.Fatal(err)
				}
				slowest = max(slowest, time.Since(start))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "max-ms")
		})
	}
}
