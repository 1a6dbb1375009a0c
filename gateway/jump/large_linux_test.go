package jump

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// largeEngine is a library of so many tracks with that many sessions and
// playlists, all of them measured: what is heard follows Zipf's law within the taste of each session.
func largeEngine(tb testing.TB, tracks, sessions, playlists int) *Engine {
	rng := rand.New(rand.NewPCG(5, 5))
	e := New(Config{})
	items := randomLibrary(rng, tracks, tracks/12+1)
	e.SetCatalogue(items)
	zipf := rand.NewZipf(rng, 1.05, 20, uint64(tracks/50))
	some := func(n int) []string {
		from := rng.IntN(50) * (tracks / 50)
		ids := make([]string, n)
		for i := range ids {
			ids[i] = items[from+int(zipf.Uint64())%(tracks/50)].ID
		}
		return ids
	}
	for range sessions {
		e.AddSession(some(4 + rng.IntN(14)))
	}
	for p := range playlists {
		e.SetPlaylist(fmt.Sprint("p", p), fmt.Sprint("List ", p), some(10+rng.IntN(40)))
	}
	features := make([]float32, SoundSize)
	for i := range items {
		for k := range features {
			features[k] = float32(rng.NormFloat64())
		}
		if err := e.SetSound(items[i].ID, SoundVersion, features); err != nil {
			tb.Fatal(err)
		}
	}
	at := evening.AddDate(0, 0, -60)
	for range 5000 {
		id := some(1)[0]
		e.AddPlay(Play{Listener: "ana", Item: id, End: Complete, At: at})
		at = at.Add(10 * time.Minute)
	}
	// Vectors as Fit makes them, at random: only their size matters here.
	v := newVectors(mostRank, tracks)
	x := make([]float32, mostRank)
	for s := range e.items {
		if e.inLists.count(int32(s))+e.inSessions.count(int32(s)) > 0 {
			for k := range x {
				x[k] = float32(rng.NormFloat64() / math.Sqrt(float64(k+1)))
			}
			v.set(int32(s), x)
		}
	}
	e.sounds.settle()
	e.Adopt(Vectors{of: e.self, v: v, cells: newCells(&e.sounds.unit)})
	return e
}

var large *Engine

func largeOne(tb testing.TB) *Engine {
	if large == nil {
		large = largeEngine(tb, 500_000, 100_000, 20_000)
	}
	return large
}

// timed reports the middle and the 99th percentile of what one call takes: by the
// clock, and of the processor, where what else runs on the machine does not count.
func timed(b *testing.B, call func(i int)) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var took, used []time.Duration
	i := 0
	for b.Loop() {
		began, from := time.Now(), processorTime(b)
		call(i)
		took, used = append(took, time.Since(began)), append(used, processorTime(b)-from)
		i++
	}
	report := func(d []time.Duration, of string) {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)/2].Microseconds()), "p50-us"+of)
		b.ReportMetric(float64(d[len(d)*99/100].Microseconds()), "p99-us"+of)
	}
	report(took, "")
	report(used, "-cpu")
}

// processorTime is what this thread has used so far.
func processorTime(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}

func BenchmarkNext500000(b *testing.B) {
	e := largeOne(b)
	timed(b, func(i int) {
		s := e.inSessions.lists.at(int32(i * 7919 % e.inSessions.lists.len()))
		ids := make([]string, 0, len(s))
		for _, it := range s {
			ids = append(ids, e.labels[it].id)
		}
		e.Next(Session{Recent: ids, Fresh: true, Now: evening}, 20)
	})
}

func BenchmarkFlow500000(b *testing.B) {
	e := largeOne(b)
	timed(b, func(i int) {
		e.Flow(Request{Listener: "ana", Context: Context{Kind: KindPlaylist, ID: fmt.Sprint("p", i*31%20000)}, Count: 5, Now: evening, Seed: uint64(i)})
	})
}

func BenchmarkMix200Of500000(b *testing.B) {
	e := largeOne(b)
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = e.labels[i*97].id
	}
	e.Mix("ana", ids, evening)
	timed(b, func(int) { e.Mix("ana", ids, evening) })
}

func BenchmarkJump500000(b *testing.B) {
	e := largeOne(b)
	e.Likely(Request{Context: Context{Kind: KindPlaylist, ID: "p0"}, Count: 1, Now: evening}, 1) // makes the playlists' vectors
	timed(b, func(i int) {
		e.Likely(Request{Listener: "ana", Context: Context{Kind: KindPlaylist, ID: fmt.Sprint("p", i*31%20000)}, Count: 5, Now: evening, Seed: uint64(i)}, 1)
	})
}

func BenchmarkPlay500000(b *testing.B) {
	e := largeOne(b)
	at := evening
	timed(b, func(i int) {
		at = at.Add(4 * time.Minute)
		e.AddPlay(Play{Listener: "bo", Item: e.labels[i*7919%500_000].id, End: Complete, At: at})
	})
}

func BenchmarkMemory500000(b *testing.B) {
	e := largeOne(b)
	for b.Loop() {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB")
	runtime.KeepAlive(e)
}

func BenchmarkEncode500000(b *testing.B) {
	e := largeOne(b)
	for b.Loop() {
		var out bytes.Buffer
		if err := e.Encode(&out); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/1e6, "MB")
	}
}

func BenchmarkDecode500000(b *testing.B) {
	var out bytes.Buffer
	if err := largeOne(b).Encode(&out); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Decode(Config{}, bytes.NewReader(out.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
