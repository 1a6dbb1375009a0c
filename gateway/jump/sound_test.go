package jump

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sounding returns an engine of so many tracks of which nothing is known but
// the features, and which of the kinds each is of. Every feature of every track
// goes through scaled first.
func sounding(t testing.TB, tracks, kinds int, scaled func(i int, v float64) float64) (*Engine, map[string]int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, uint64(tracks)))
	centres := make([][SoundSize]float64, kinds)
	for k := range centres {
		for i := range centres[k] {
			centres[k][i] = rng.NormFloat64()
		}
	}
	e := New(Config{})
	kindOf := map[string]int{}
	for n := range tracks {
		id, k := fmt.Sprint("t", n), n%kinds
		kindOf[id] = k
		e.Upsert(Item{ID: id, Title: "Title " + id})
		f := make([]float32, SoundSize)
		for i := range f {
			f[i] = float32(scaled(i, centres[k][i]+0.6*rng.NormFloat64()))
		}
		if err := e.SetSound(id, SoundVersion, f); err != nil {
			t.Fatal(err)
		}
	}
	return e, kindOf
}

func asIs(_ int, v float64) float64 { return v }

// of tells what share of some ids is of a kind.
func shareOf(ids []string, kindOf map[string]int, kind int) float64 {
	n := 0.0
	for _, id := range ids {
		if kindOf[id] == kind {
			n++
		}
	}
	return n / float64(max(1, len(ids)))
}

func itemsOf(picks []Pick) []string {
	out := make([]string, len(picks))
	for i, p := range picks {
		out[i] = p.Item
	}
	return out
}

func rankedItems(list []Ranked) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Item
	}
	return out
}

// With no tags, no lists and no plays at all, everything goes by sound, in a
// library that is looked at as a whole and in one that is searched.
func TestSoundAloneIsEnough(t *testing.T) {
	for _, tracks := range []int{600, 12_000} {
		for _, learned := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d tracks, learned %v", tracks, learned), func(t *testing.T) {
				e, kindOf := sounding(t, tracks, 8, asIs)
				if learned {
					e.Learn()
				}
				for k := range 8 {
					id := fmt.Sprint("t", 40+k)
					for name, got := range map[string][]string{
						"like": rankedItems(e.Like([]string{id}, 20)),
						"next": rankedItems(e.Next(Session{Recent: []string{id}, Fresh: true, Now: evening}, 20)),
						"flow": itemsOf(e.Flow(Request{Context: Context{Kind: KindTrack, ID: id}, Recent: []string{id}, Count: 20, Now: evening})),
					} {
						if s := shareOf(got, kindOf, k); s < 0.9 || len(got) != 20 {
							t.Errorf("%s: %.0f %% of %d sound like %s", name, 100*s, len(got), id)
						}
					}
				}
			})
		}
	}
}

func TestMixGoesBySoundWhereNothingElseIsKnown(t *testing.T) {
	e, kindOf := sounding(t, 600, 4, asIs)
	e.SetRating("ana", "t2", Liked)
	list := make([]string, 100)
	for i := range list {
		list[i] = fmt.Sprint("t", 100+i)
	}
	picks := e.Mix("ana", list, evening)
	if s := shareOf(itemsOf(picks[:20]), kindOf, 2); s < 0.9 {
		t.Errorf("%.0f %% of the top 20 sound like what is liked", 100*s)
	}
	if want := (Reason{Code: ReasonSound, Args: []string{"Title t2"}}); picks[0].Reason.String() != want.String() {
		t.Errorf("because %q", picks[0].Reason.String())
	}
}

// A library without playlists, tags or plays JUMPs between moods, which are
// found by sound and named by it.
func TestJumpsBetweenMoods(t *testing.T) {
	e, kindOf := sounding(t, 900, 6, asIs)
	e.Learn()
	r := Request{Listener: "ana", Context: Context{Kind: KindTrack, ID: "t5"}, Count: 10, Now: evening}
	for range 8 {
		to, picks := e.Jump(r)
		if to.Kind != KindSound || to.Name == "" || len(picks) != r.Count {
			t.Fatalf("landed in %+v with %d picks", to, len(picks))
		}
		if to.same(r.Context) {
			t.Errorf("did not leave %v", to)
		}
		ids := itemsOf(picks)
		if s := shareOf(ids, kindOf, kindOf[ids[0]]); s < 0.7 {
			t.Errorf("%v: %.0f %% sound alike", to.Name, 100*s)
		}
		r.Context = to
		r.Recent = append(r.Recent, ids...)
		r.Now = r.Now.Add(10 * 60e9)
	}
}

// What features are measured in does not matter: they are scaled by the
// library's own mean and spread.
func TestSoundsHaveNoUnits(t *testing.T) {
	a, _ := sounding(t, 300, 5, asIs)
	b, _ := sounding(t, 300, 5, func(i int, v float64) float64 {
		return 1000*math.Sin(float64(i)) + v*math.Exp2(float64(i%13)-6)
	})
	for i := range 300 {
		x := a.Like([]string{fmt.Sprint("t", i)}, 30)
		y := b.Like([]string{fmt.Sprint("t", i)}, 30)
		top := rankedItems(x[:20])
		for _, r := range y[:10] { // but for rounding
			if !slices.Contains(top, r.Item) {
				t.Errorf("t%d: %s comes only with other units", i, r.Item)
			}
		}
	}
}

// Sound speaks less where lists say enough.
func TestListsOutweighSound(t *testing.T) {
	e, kindOf := sounding(t, 400, 4, asIs)
	for p := range 40 { // kinds 0 and 1 stand together, whatever they sound like
		ids := []string{"t0"}
		for i := range 12 {
			ids = append(ids, fmt.Sprint("t", 1+4*((p*5+i)%30)))
		}
		e.SetPlaylist(fmt.Sprint("p", p), "List", ids)
	}
	if got := rankedItems(e.Like([]string{"t0"}, 20)); shareOf(got, kindOf, 1) < 0.9 {
		t.Errorf("what stands with t0 in 40 lists is not first: %v", got)
	}
}

func TestSoundsThatAreRefused(t *testing.T) {
	e, _ := sounding(t, 50, 2, asIs)
	good := slices.Clone(e.sounds.at(e.slots["t1"]))
	bad := slices.Clone(good)
	bad[7] = float32(math.NaN())
	for name, err := range map[string]error{
		"version":    e.SetSound("t1", SoundVersion+1, good),
		"length":     e.SetSound("t1", SoundVersion, good[1:]),
		"not finite": e.SetSound("t1", SoundVersion, bad),
		"no id":      e.SetSound("", SoundVersion, good),
	} {
		if !errors.Is(err, ErrSound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !slices.Equal(e.sounds.at(e.slots["t1"]), good) || e.sounds.n != 50 {
		t.Error("a refused sound changed what was known")
	}
}

// Sounds come, change and go in any order, before and after cells were made:
// the sums and the cells stay those of what is there.
func TestSoundsThatComeAndGo(t *testing.T) {
	e, _ := sounding(t, 300, 5, asIs)
	rng := rand.New(rand.NewPCG(8, 8))
	var training Training
	for step := range 3000 {
		id := fmt.Sprint("t", rng.IntN(400))
		switch rng.IntN(5) {
		case 0:
			if err := e.SetSound(id, SoundVersion, nil); err != nil {
				t.Fatal(err)
			}
		default:
			f := make([]float32, SoundSize)
			for i := range f {
				f[i] = float32(rng.NormFloat64())
			}
			if err := e.SetSound(id, SoundVersion, f); err != nil {
				t.Fatal(err)
			}
		}
		switch step % 400 {
		case 100:
			training = e.Training()
		case 200:
			e.Adopt(training.Fit())
		}
		if step%50 == 0 {
			e.Like([]string{id}, 10)
		}
	}
	n, in := 0, 0
	for s := range e.sounds.row {
		if e.sounds.row[s] >= 0 {
			n++
		}
	}
	for i, list := range e.sounds.cells.in {
		in += len(list)
		for _, s := range list {
			if e.sounds.cells.of[s] != int32(i) {
				t.Fatalf("slot %d stands in cell %d, not in %d", s, i, e.sounds.cells.of[s])
			}
		}
	}
	if n != e.sounds.n || in != n || len(e.sounds.slot) > 400 {
		t.Errorf("%d sounds are there, %d counted, %d in cells, %d rows", n, e.sounds.n, in, len(e.sounds.slot))
	}
}
