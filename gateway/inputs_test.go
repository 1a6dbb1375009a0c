package gateway_test

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// turntable is a speaker with a record player at its input: 500 Hz at half of full
// scale, while somebody wants it.
type turntable struct {
	*client.Client
	start time.Time

	mu   sync.Mutex
	stop context.CancelFunc
	wg   sync.WaitGroup
}

func (t *turntable) now() int64 { return time.Since(t.start).Microseconds() }

func (t *turntable) wanted(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
		t.stop = nil
	}
	if !on {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	t.wg.Go(func() { t.turn(ctx) })
}

func (t *turntable) turn(ctx context.Context) {
	const piece = 882 // 20 ms
	began, tick := t.now(), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ; began+int64(n+1)*20_000 < t.now(); n++ {
			data := make([]byte, 0, piece*4)
			for i := range piece {
				v := uint16(int16(16384 * math.Sin(2*math.Pi*500*float64(n*piece+i)/44100)))
				data = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(data, v), v)
			}
			t.Capture(began+int64(n)*20_000, data)
		}
	}
}

func (t *turntable) runs() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stop != nil
}

// What comes in at a speaker's input is played by the zone that it is in, in one
// piece, once somebody has approved it; it is captured while a zone plays it only.
func TestInputIsPlayed(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, 20*time.Second))
	deck := &turntable{start: time.Now()}
	t.Cleanup(deck.wg.Wait)
	var path string
	deck.Client, path = o.player(t, 5, client.Config{
		Name: "Record player", Now: deck.now,
		Input: &wire.PlayerStream{Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}, InputWanted: deck.wanted,
	})
	track := "input:" + strings.TrimPrefix(path, "/devices/")
	var d struct {
		Player *struct{ Input *struct{ Ready bool } }
	}
	ready := func() bool {
		d.Player = nil
		return o.ask("GET", path, nil, &d) == 200 && d.Player != nil && d.Player.Input != nil && d.Player.Input.Ready
	}
	o.play(1)
	zone := o.zone().ID
	o.must("PATCH", path, map[string]any{"zone": zone}, nil)
	o.until("music", 20*time.Second, func() bool { _, ok := deck.Take(); return ok })
	if ready() {
		t.Error("an input that nobody approved is ready")
	}
	o.must("PATCH", path, map[string]any{"approved": true}, nil)
	o.until("the input", 10*time.Second, ready)
	if deck.runs() {
		t.Error("it is captured before anybody plays it")
	}
	if got := o.ask("POST", "/zones/"+zone+"/queue", map[string]any{"tracks": []string{"input:nobody"}, "at": "now"}, nil); got != 404 {
		t.Errorf("the input of nobody: %d", got)
	}
	o.must("POST", "/zones/"+zone+"/queue", map[string]any{"tracks": []string{track}, "at": "now"}, nil)
	var playing struct {
		State string
		Track *struct{ ID, Title string }
	}
	o.until("the input to be shown", 10*time.Second, func() bool {
		o.must("GET", "/zones/"+zone, nil, &playing)
		return playing.Track != nil && playing.Track.Title == "Record player"
	})
	heard := record(o, deck.Client, 500, 4*44100)
	if !deck.runs() {
		t.Error("it is not captured")
	}
	checkTone(t, heard, 500, 16384)
	o.must("POST", "/zones/"+zone+"/pause", nil, nil)
	o.until("the capture to end", 10*time.Second, func() bool { return !deck.runs() })
	o.must("POST", "/zones/"+zone+"/play", nil, nil)
	o.until("the capture to go on", 10*time.Second, deck.runs)
	// Without the approval the input ends, and the zone goes on with something else.
	o.must("PATCH", path, map[string]any{"approved": false}, nil)
	o.until("the input to be taken away", 10*time.Second, func() bool { return !deck.runs() && !ready() })
	o.until("something else", 20*time.Second, func() bool {
		o.must("GET", "/zones/"+zone, nil, &playing)
		return playing.State == "playing" && playing.Track != nil && playing.Track.ID != track
	})
}

// record takes what a player is sent, from the first chunk of a tone on: frames of
// its first channel, without a gap.
func record(o *observed, c *client.Client, hz float64, frames int) (heard []int16) {
	end := int64(0)
	epoch := uint64(0)
	o.until("the sound of the input", time.Minute, func() bool {
		for {
			chunk, ok := c.Take()
			if !ok {
				return len(heard) >= frames
			}
			var pcm []int16
			for i := 0; i+3 < len(chunk.Data); i += 4 {
				pcm = append(pcm, int16(binary.LittleEndian.Uint16(chunk.Data[i:])))
			}
			if len(heard) == 0 && tone(pcm) < hz*0.9 || chunk.Epoch != epoch {
				epoch, heard = chunk.Epoch, nil // of what played before
				end = chunk.At + int64(len(pcm))*1_000_000/44100
				continue
			}
			if gap := chunk.At - end; gap < -50 || gap > 50 {
				heard = nil // this machine had no time for the zone: it began anew
			}
			heard = append(heard, pcm...)
			end = chunk.At + int64(len(pcm))*1_000_000/44100
		}
	})
	return heard
}

// tone is about the frequency of what is heard, by its crossings of zero.
func tone(pcm []int16) float64 {
	crossings := 0
	for i := 1; i < len(pcm); i++ {
		if pcm[i-1] < 0 != (pcm[i] < 0) {
			crossings++
		}
	}
	return float64(crossings) / 2 * 44100 / float64(max(len(pcm), 1))
}

// checkTone wants a sine of that frequency and amplitude, without a crack.
func checkTone(t *testing.T, pcm []int16, hz, amplitude float64) {
	t.Helper()
	if got := tone(pcm); math.Abs(got-hz) > hz/100 {
		t.Errorf("%.1f Hz are heard, want %g", got, hz)
	}
	power, steepest := 0.0, 0.0
	for i, v := range pcm {
		power += float64(v) * float64(v)
		if i > 0 {
			steepest = max(steepest, math.Abs(float64(v)-float64(pcm[i-1])))
		}
	}
	if level := math.Sqrt(2 * power / float64(len(pcm))); math.Abs(level-amplitude) > amplitude/50 {
		t.Errorf("its level is %.0f, want %g", level, amplitude)
	}
	if most := amplitude * 2 * math.Pi * hz / 44100 * 1.02; steepest > most {
		t.Errorf("a step of %.0f, want at most %.0f", steepest, most)
	}
}
