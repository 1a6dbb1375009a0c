package jump

import "testing"

func BenchmarkFlow20000(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	r := Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p3"}, Count: 20, Now: evening}
	for _, p := range e.Flow(r) {
		r.Recent = append(r.Recent, p.Item)
	}
	for b.Loop() {
		r.Seed++
		e.Flow(r)
	}
}

func BenchmarkFlowOneArtist20000(b *testing.B) {
	e := New(Config{})
	home := homeEngine(1, 20000, 0, 0)
	for i := range home.items {
		it := home.item(int32(i))
		it.Artist = "One"
		e.Upsert(it)
	}
	r := Request{Listener: "l1", Count: 20, Now: evening}
	for b.Loop() {
		r.Seed++
		e.Flow(r)
	}
}

func BenchmarkJump20000(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	r := Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p3"}, Count: 10, Now: evening}
	for b.Loop() {
		r.Seed++
		e.Likely(r, 1)
	}
}

func BenchmarkLikely20000(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	r := Request{Listener: "l1", Context: Context{Kind: KindPlaylist, ID: "p3"}, Count: 5, Now: evening}
	for b.Loop() {
		r.Seed++
		e.Likely(r, 2)
	}
}

func BenchmarkChart20000(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	for b.Loop() {
		e.Chart("l1", evening, 50)
	}
}

func BenchmarkMix200(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = e.labels[i*97].id
	}
	for b.Loop() {
		e.Mix("l1", ids, evening)
	}
}

func BenchmarkSetCatalogue20000(b *testing.B) {
	e := homeEngine(1, 20000, 300, 20000)
	items := make([]Item, len(e.items))
	for i := range items {
		items[i] = e.item(int32(i))
	}
	for b.Loop() {
		e.SetCatalogue(items)
	}
}
