package cast

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// Fifty devices play for ten minutes and are dropped, fall silent, refuse
// connections and hang at random: none is stuck afterwards, and nothing is loaded
// twice.
func TestFiftyDevicesForTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type pair struct {
			s *Sender
			d *fakeDevice
		}
		var all []pair
		for range 50 {
			s, d := fakeSender(t, Config{})
			connect(t, s)
			if err := s.Load(t.Context(), fakeItems, 0); err != nil {
				t.Fatal(err)
			}
			all = append(all, pair{s, d})
		}
		synctest.Wait()
		goroutines := runtime.NumGoroutine()
		random := rand.New(rand.NewPCG(5, 6))
		for range 600 {
			time.Sleep(time.Second)
			d := all[random.IntN(len(all))].d
			d.mu.Lock()
			switch random.IntN(5) {
			case 0, 1:
				_ = d.conn.Close()
			case 2:
				d.silent = !d.silent
			case 3:
				d.deny = !d.deny
			case 4:
				d.position, d.at, d.stuck = d.seconds(time.Now()), time.Now(), !d.stuck
			}
			d.mu.Unlock()
		}
		for _, p := range all {
			p.d.set(func() { p.d.silent, p.d.deny, p.d.stuck, p.d.at = false, false, false, time.Now() })
		}
		time.Sleep(deadAfter + 2*lastRetry + pollEvery)
		for i, p := range all {
			if st := p.s.Status(); !st.Connected || st.Item != "a" || st.State != Playing || st.Stalled {
				t.Errorf("device %d: %+v", i, st)
			}
			if n := p.d.count("QUEUE_LOAD"); n != 1 {
				t.Errorf("device %d was loaded %d times", i, n)
			}
		}
		if now := runtime.NumGoroutine(); now > goroutines+len(all) {
			t.Errorf("%d goroutines, %d at the start", now, goroutines)
		}
	})
}
