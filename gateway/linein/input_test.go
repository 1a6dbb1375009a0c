package linein

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

const rate = 48000

// capture writes a sine by a clock that is off by some parts in a million, in pieces
// of 20 ms, until ctx ends.
func capture(ctx context.Context, in *Input, ppm float64) {
	start, sent := time.Now(), 0
	for ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		due := int(time.Since(start).Seconds() * rate * (1 + ppm/1e6))
		pcm := make([]float32, 0, 2*(due-sent))
		for ; sent < due; sent++ {
			v := float32(0.5 * math.Sin(2*math.Pi*1000*float64(sent)/rate))
			pcm = append(pcm, v, v)
		}
		in.Write(pcm)
	}
}

// Sound is handed out at our pace for five minutes, whatever the device's clock
// does: never late, the reserve within its bounds, and without a crack.
func TestDrift(t *testing.T) {
	for _, ppm := range []float64{-200, 0, 200} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in := New(ctx, rate, 16, func() {})
			done := make(chan struct{})
			go func() { defer close(done); capture(ctx, in, ppm) }()
			block := make([]float32, 2*rate/10)
			var before float32
			var began time.Time
			frames, steepest := 0, 0.0
			for began.IsZero() || time.Since(began) < 5*time.Minute {
				n, err := in.Read(block)
				if err != nil {
					t.Fatal(err)
				}
				if began.IsZero() {
					began = time.Now()
				}
				for i := range n {
					if frames > 0 || i > 0 {
						steepest = max(steepest, math.Abs(float64(block[2*i]-before)))
					}
					before = block[2*i]
				}
				frames += n
				ahead := float64(frames)/rate - time.Since(began).Seconds()
				if time.Since(began) > time.Second && (ahead < 0.19 || ahead > 0.301) {
					t.Fatalf("%g ppm: after %v %.3f s are in hand", ppm, time.Since(began), ahead)
				}
			}
			in.mu.Lock()
			rest := time.Duration(len(in.held)/2) * time.Second / rate
			in.mu.Unlock()
			if rest < reserve-2*slack || rest > reserve+2*slack {
				t.Errorf("%g ppm: a reserve of %v", ppm, rest)
			}
			// A 1 kHz sine of 0.5 moves by 0.0654 a sample.
			if steepest > 0.0656 {
				t.Errorf("%g ppm: a step of %.4f", ppm, steepest)
			}
			cancel()
			<-done
		})
	}
}

// Outside the pieces that are stretched, samples come out as they went in.
func TestUntouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := New(t.Context(), rate, 24, func() {})
		n := rate / 2
		for i := range n {
			in.Write([]float32{float32(i) / (1 << 23), -float32(i) / (1 << 23)})
		}
		in.End()
		got, block := 0, make([]float32, 2000)
		for {
			k, err := in.Read(block)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range k {
				if want := float32(got+i) / (1 << 23); got+i < n && in.mend == 0 && (block[2*i] != want || block[2*i+1] != -want) {
					t.Fatalf("frame %d is %v", got+i, block[2*i:2*i+2])
				}
			}
			got += k
		}
		if got < n-10 || got > n {
			t.Errorf("%d frames of %d", got, n)
		}
	})
}

// After a stall the sound goes on with a full reserve; a reader that has gone is
// told so at once.
func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		in := New(ctx, rate, 16, func() {})
		writing, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); capture(writing, in, 0) }()
		block := make([]float32, 2*rate/10)
		for range 30 {
			if _, err := in.Read(block); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		<-done
		again := make(chan struct{})
		go func() {
			defer close(again)
			time.Sleep(2 * time.Second)
			capture(ctx, in, 0)
		}()
		began := time.Now()
		total := 0
		for time.Since(began) < 10*time.Second {
			n, err := in.Read(block)
			if err != nil {
				t.Fatal(err)
			}
			total += n
		}
		if s := float64(total) / rate; s < 7 || s > 8.5 {
			t.Errorf("%.2f s came of 8", s)
		}
		cancel()
		for {
			if _, err := in.Read(block); err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				break
			}
		}
		<-again
	})
}
