package member_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// record is an Output that keeps what it is to play.
type record struct {
	dac
	mu  sync.Mutex
	pcm []float32
}

func (r *record) Write(pcm []float32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frames += int64(len(pcm) / 2)
	r.pcm = append(r.pcm, pcm...)
	return nil
}

// hash is that of all samples between the silence before and behind, in whole
// numbers of so many bits.
func hash(pcm []float32, bits int) [32]byte {
	b := make([]byte, 0, 4*len(pcm))
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint32(b, uint32(int32(math.Round(float64(x)*float64(int64(1)<<(bits-1))))))
	}
	return sha256.Sum256(bytes.Trim(b, "\x00"))
}

// album is FLAC files, in memory.
type album map[string][]byte

func (a album) Track(_ context.Context, id string) (zone.Track, error) {
	return zone.Track{ID: id, Title: id}, nil
}

func (a album) Open(ctx context.Context, id string) (audio.Decoder, error) {
	return audio.Open(ctx, audio.Source{R: bytes.NewReader(a[id]), Size: int64(len(a[id])), Name: id}, audio.OpenOptions{})
}

// flacFile makes a file of noise that is never silent.
func flacFile(t *testing.T, seconds, rate, bits int) (file []byte, pcm []float32) {
	t.Helper()
	enc, err := audio.NewEncoder(audio.Format{Codec: audio.FLAC, Rate: rate, Channels: 2, Bits: bits})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(rate), uint64(bits)))
	steps := int64(1) << (bits - 2)
	for range 2 * seconds * rate {
		pcm = append(pcm, float32(rng.Int64N(steps)+1)/float32(int64(1)<<(bits-1)))
	}
	frames, err := enc.Encode(pcm)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := enc.Flush()
	if err != nil {
		t.Fatal(err)
	}
	file = slices.Clone(enc.Stream().Header)
	for _, f := range append(frames, rest...) {
		file = append(file, f.Data...)
	}
	return file, pcm
}

// What a player plays of FLAC files is, sample by sample, what is in them: from
// the file through the zone, the protocol and the player's decoder.
func TestFilesArriveBitForBit(t *testing.T) {
	for _, test := range []struct{ rate, bits int }{{44100, 16}, {96000, 24}} {
		one, first := flacFile(t, 3, test.rate, test.bits)
		two, second := flacFile(t, 2, test.rate, test.bits)
		synctest.Test(t, func(t *testing.T) {
			out := playOnce(t, album{"1": one, "2": two}, []string{"1", "2"}, test.rate, 8*time.Second)
			if got, want := hash(out, test.bits), hash(slices.Concat(first, second), test.bits); got != want {
				t.Errorf("%d Hz, %d bits: what was played is not what is in the files", test.rate, test.bits)
			}
		})
	}
}

// playOnce plays tracks to one player whose clock runs true.
func playOnce(t *testing.T, tracks zone.Tracks, ids []string, rate int, length time.Duration) []float32 {
	t.Helper()
	clock, origin := audio.NewClock(), time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	net := newNetwork(weather{base: 200 * time.Microsecond}, 1)
	server, err := sendspin.New(sendspin.Config{ID: "house", Now: func() int64 { return int64(clock.Now()) }})
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: time.Minute}
	defer web.Close()
	defer cancel()
	wg.Go(func() { _ = web.Serve(net) })
	wg.Go(func() { _ = server.Run(ctx) })
	z, err := zone.New(zone.Config{ID: "z", Clock: clock, Tracks: tracks, Journal: zonetest.NewJournal()})
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { _ = z.Run(ctx) })
	if _, err := z.Add(ctx, zone.AddRequest{Tracks: ids}); err != nil {
		t.Fatal(err)
	}
	own := crystal{origin: origin, rate: 1, off: 5e9}
	out := &record{dac: dac{clock: own, sample: 1e6 / float64(rate), holds: 40 * time.Millisecond}}
	p, err := player.New(player.Config{
		ID: "p", Server: "ws://server" + sendspin.Path, Clock: own, Output: out, Volume: 100, NetDial: net.dial,
	})
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() { _ = p.Run(ctx) })
	gather(t, &wg, server, clock, z, 1)
	time.Sleep(2 * time.Second) // until the clock is known to the microsecond
	if err := z.Play(ctx); err != nil {
		t.Fatal(err)
	}
	time.Sleep(length)
	if st := p.Stats(); st.Inserted+st.Removed+st.Skipped > 0 {
		t.Errorf("single frames were put in or taken out, though the clocks agree: %+v", st)
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	return slices.Clone(out.pcm)
}
