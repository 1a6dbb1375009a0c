package jump

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// livedIn is an engine that was told something of every kind.
func livedIn(tb testing.TB) *Engine {
	tb.Helper()
	e := homeEngine(3, 400, 30, 2000)
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range 5 {
		e.Upsert(Item{ID: fmt.Sprint("part", i), Title: fmt.Sprint("Movement ", i), Artist: "Trio", Composer: "Ravel", Album: "Trios", AlbumID: "a", Work: "Trio", Part: i, Duration: time.Minute})
	}
	e.Remove("t00007")
	e.SetAliases([][]string{{"Artist 1", "아티스트"}})
	features := make([]float32, SoundSize)
	for i := range 300 {
		for k := range features {
			features[k] = float32(rng.NormFloat64())
		}
		if err := e.SetSound(fmt.Sprintf("t%05d", i), SoundVersion, features); err != nil {
			tb.Fatal(err)
		}
	}
	e.SetRating("l0", "t00011", Liked)
	e.SetRating("l0", "t00012", Disliked)
	e.SetWish("l0", Context{Kind: KindArtist, ID: "artist 3"}, Pin)
	e.SetApart("child", true)
	e.AddPlay(Play{Listener: "child", Item: "t00100", End: Complete, At: evening})
	n, err := ReadNeighbours(strings.NewReader(NeighboursHeader + "\nt00001\tt00200\t0.5\n"))
	if err != nil {
		tb.Fatal(err)
	}
	e.SetNeighbours(n)
	e.Learn()
	e.Jump(Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p3"}, Count: 3, Now: evening, Seed: 4})
	return e
}

func encoded(tb testing.TB, e *Engine) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := e.Encode(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// rounded leaves off the digits of scores in which sums differ that were added up
// in another order: the weights of an item's lists are.
func rounded(picks []Pick) []Pick {
	for i := range picks {
		picks[i].Score = math.Round(picks[i].Score*1e5) / 1e5
	}
	return picks
}

// asked is what an engine answers to questions of every kind.
func asked(e *Engine) []any {
	now := evening.Add(time.Hour)
	var out []any
	for i, context := range []Context{{}, {Kind: KindPlaylist, ID: "p3"}, {Kind: KindAlbum, ID: "a"}} {
		r := Request{Listener: "l1", Context: context, Recent: []string{"t00003", "t00020"}, Count: 10, Now: now, Seed: uint64(i)}
		to, picks := e.Jump(r)
		out = append(out, rounded(e.Flow(r)), to, rounded(picks))
	}
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("t%05d", 3*i)
	}
	out = append(out, e.Chart("l0", now, 20), e.Mix("l0", ids, now), e.Like(ids[:3], 30))
	out = append(out, e.Next(Session{Listener: "l2", Recent: ids[:5], Now: now}, 20), e.Leanings("l0", now, 20))
	return append(out, e.TakeBack("l2", evening.AddDate(0, 0, -200)), e.Len())
}

func TestSnapshotKnowsWhatTheEngineKnew(t *testing.T) {
	e := livedIn(t)
	b := encoded(t, e)
	back, err := Decode(Config{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if again := encoded(t, back); !bytes.Equal(b, again) {
		t.Errorf("written again it has %d bytes, not the same %d", len(again), len(b))
	}
	for i := range 3 { // both go on learning
		if got, want := asked(back), asked(e); !reflect.DeepEqual(got, want) {
			for k := range want {
				if !reflect.DeepEqual(got[k], want[k]) {
					t.Errorf("round %d, answer %d:\n%v, before\n%v", i, k, got[k], want[k])
				}
			}
			return
		}
		for _, e := range []*Engine{e, back} {
			e.AddPlay(Play{Listener: "l1", Item: fmt.Sprintf("t%05d", 50+i), End: Complete, At: evening.Add(time.Duration(i) * time.Minute)})
			e.SetPlaylist("p3", "List 3", []string{"t00001", "t00002", fmt.Sprintf("t%05d", 70+i)})
			e.Upsert(Item{ID: "t00001", Title: fmt.Sprint("Other ", i), Artist: "아티스트", Duration: time.Minute})
			e.Learn()
		}
	}
}

// What an entry takes at least bounds how many there can be in what is left: a
// small home has nothing behind its few plays that would hide a bound too high.
func TestSnapshotOfAFewPlays(t *testing.T) {
	e := New(Config{})
	for i := range 40 {
		item := Item{ID: fmt.Sprint("t", i), Title: "A", Artist: "B", Duration: time.Minute}
		e.Upsert(item)
		e.AddPlay(Play{Listener: "me", Item: item.ID, End: Complete, At: evening.Add(time.Duration(i) * time.Minute)})
		if _, err := Decode(Config{}, bytes.NewReader(encoded(t, e))); err != nil {
			t.Fatalf("after %d plays: %v", i+1, err)
		}
	}
}

func TestSnapshotOfNothing(t *testing.T) {
	back, err := Decode(Config{}, bytes.NewReader(encoded(t, New(Config{}))))
	if err != nil || back.Len() != 0 || back.Flow(Request{Count: 3, Now: evening}) != nil {
		t.Errorf("%v, %v", back, err)
	}
}

func TestSnapshotThatIsNotWhole(t *testing.T) {
	b := encoded(t, livedIn(t))
	other := bytes.Replace(b, []byte("engine 1"), []byte("engine 2"), 1)
	flipped := bytes.Clone(b)
	flipped[len(b)/2] ^= 1
	for name, b := range map[string][]byte{
		"empty": nil, "short": b[:5], "cut off": b[:len(b)-9], "of another version": other, "flipped": flipped,
		"longer": append(bytes.Clone(b), 0),
	} {
		if _, err := Decode(Config{}, bytes.NewReader(b)); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// summed makes a snapshot of anything.
func summed(b []byte) []byte {
	b = append([]byte(snapshotHead), b...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// FuzzDecode: whatever a snapshot says, it is refused or its engine answers.
func FuzzDecode(f *testing.F) {
	whole := encoded(f, livedIn(f))
	f.Add(whole[len(snapshotHead) : len(whole)-crc32.Size])
	small := New(Config{})
	small.Upsert(Item{ID: "a", Artist: "A", Album: "B", Work: "W", Part: 1, Duration: time.Minute})
	small.Upsert(Item{ID: "b", Artist: "A", Album: "B", Work: "W", Part: 2, Duration: time.Minute})
	small.SetPlaylist("p", "P", []string{"a", "b"})
	small.AddPlay(Play{Listener: "l1", Item: "a", End: Complete, At: evening})
	few := encoded(f, small)
	f.Add(few[len(snapshotHead) : len(few)-crc32.Size])
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode(Config{}, bytes.NewReader(summed(b)))
		if err != nil {
			if !errors.Is(err, ErrSnapshot) {
				t.Fatal(err)
			}
			return
		}
		asked(e)
		e.SetCatalogue([]Item{{ID: "a"}, {ID: "t00001", Artist: "Artist 1"}})
		e.Learn()
		asked(e)
	})
}
