package certify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

func coded(f wire.Format) audio.Format {
	format := audio.Format{Codec: audio.Codec(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: f.Bits}
	if format.Codec == audio.Opus {
		format.Bits = 0
	}
	return format
}

func canMake(f wire.Format) bool {
	enc, err := audio.NewEncoder(coded(f))
	if err != nil {
		return false
	}
	_ = enc.Close()
	return true
}

// errBusy: it was this program that was late.
var errBusy = errors.New("too busy to send in time")

// play streams a quiet tone in a format, at the player's own lead, and returns
// when nearly all of it has been heard. The stream stays within the player's buffer, because
// the server below sends no more than fits. It returns errBusy where the player was
// given less than half of its lead.
func (s *server) play(ctx context.Context, p *sendspin.Player, f wire.Format, length time.Duration) error {
	enc, err := audio.NewEncoder(coded(f))
	if err != nil {
		return fmt.Errorf("make %s: %w", f.Codec, err)
	}
	defer enc.Close()
	if err := p.Start(sendspin.StreamFormat{
		Codec: f.Codec, Rate: f.Rate, Channels: f.Channels, Bits: f.Bits, Header: enc.Stream().Header,
	}); err != nil {
		return fmt.Errorf("start the stream: %w", err)
	}
	lead := max(p.State().RequiredLead, p.State().MinimumBuffer, 150*time.Millisecond) + 50*time.Millisecond
	start := s.clock() + lead.Microseconds() + 100_000
	made, sent := 0, 0 // frames put into the encoder, and out of it
	for step := f.Rate / 50; sent < int(length.Seconds()*float64(f.Rate)); made += step {
		packets, err := enc.Encode(tone(made, step, f))
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		for _, packet := range packets {
			at := start + int64(sent)*1_000_000/int64(f.Rate)
			if err := sleep(ctx, time.Duration(at-s.clock()-lead.Microseconds())*time.Microsecond); err != nil {
				return err
			}
			if at-s.clock() < lead.Microseconds()/2 {
				return errors.Join(errBusy, p.End())
			}
			if err := p.Send(at, packet.Data); err != nil {
				return fmt.Errorf("send a chunk: %w", err)
			}
			sent += packet.Samples
		}
	}
	// The end comes before the last sample, so that nobody runs dry by our doing.
	end := start + int64(sent)*1_000_000/int64(f.Rate) - 60_000
	if err := sleep(ctx, time.Duration(end-s.clock())*time.Microsecond); err != nil {
		return err
	}
	return p.End()
}

// tone is 440 Hz, 30 dB down, from a frame on.
func tone(from, frames int, f wire.Format) []float32 {
	out := make([]float32, 0, frames*f.Channels)
	for i := range frames {
		v := float32(0.03 * math.Sin(2*math.Pi*440*float64(from+i)/float64(f.Rate)))
		for range f.Channels {
			out = append(out, v)
		}
	}
	return out
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
