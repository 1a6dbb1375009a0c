//go:build peers

package cast

import "testing"

// BenchmarkRejoin is how long it takes from a dropped socket until what plays is
// followed again: the first retry's pause, TLS, and two questions.
func BenchmarkRejoin(b *testing.B) {
	p := startPeer(b)
	var d dials
	s := startSender(b, p, Config{Trust: d.trust})
	if err := s.Load(b.Context(), items(tracks(b), "a", "b"), 0); err != nil {
		b.Fatal(err)
	}
	n := 1
	for b.Loop() {
		p.obey("drop")
		n++
		d.again(b, s, n, "a")
	}
	if err := s.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	if st := s.Status(); st.State != Playing {
		b.Errorf("status %+v", st)
	}
}
