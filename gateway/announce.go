package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// How announcements are made.
const (
	longestClip    = 2 * time.Minute
	announceRamp   = 100 * time.Millisecond
	announceSlack  = 50 * time.Millisecond // for handing over the first chunks
	announceChunks = 20                    // a second
)

// Announce implements api.Devices: the devices with an announcement role play a
// clip over what they play, all from the same time on.
func (h *house) Announce(ctx context.Context, r api.AnnounceRequest) (api.Announced, error) {
	pcm, rate, err := decodeClip(ctx, r.Clip)
	if err != nil {
		return api.Announced{}, api.Invalid(phrase.Program, fmt.Sprintf("The clip cannot be played: %v.", err))
	}
	players, err := h.announceable(ctx, r)
	if err != nil {
		return api.Announced{}, err
	}
	answer := api.Announced{Devices: []string{}, LengthMs: int64(len(pcm)/2) * 1000 / int64(rate)}
	made := map[audio.Format]sendspin.Announcement{}
	clips := map[*sendspin.Player]sendspin.Announcement{}
	lead := time.Duration(0)
	for _, p := range players {
		format, ok := announceFormat(p.AnnouncementFormats(), rate)
		if !ok {
			continue
		}
		if _, has := made[format]; !has {
			if made[format], err = encodeClip(pcm, rate, format); err != nil {
				return api.Announced{}, err
			}
		}
		clip := made[format]
		clip.Duck, clip.Ramp, clip.Volume = r.Duck, announceRamp, r.Volume
		clips[p] = clip
		lead = max(lead, p.AnnouncementLead(announceRamp))
	}
	at := h.cfg.Clock.Now().Add(lead + announceSlack)
	for _, p := range players {
		clip, ok := clips[p]
		if !ok {
			continue
		}
		if err := p.Announce(clip, int64(at)); err != nil {
			h.log.Info("an announcement was not taken", "player", p.ID(), "error", err)
			continue
		}
		answer.Devices = append(answer.Devices, p.ID())
	}
	if len(answer.Devices) == 0 {
		return api.Announced{}, api.Invalid(phrase.NoAnnouncements)
	}
	return answer, nil
}

// announceable are the connected players that a request means.
func (h *house) announceable(ctx context.Context, r api.AnnounceRequest) (players []*sendspin.Player, err error) {
	err = h.do(ctx, func() error {
		if r.Device != "" && h.speakers[r.Device] == nil {
			return fmt.Errorf("device %q: %w", r.Device, store.ErrNotFound)
		}
		for id, s := range h.speakers {
			link, ok := s.link.(*playerLink)
			if ok && (id == r.Device || r.Zone != "" && s.settings.Zone == r.Zone) {
				players = append(players, link.player)
			}
		}
		return nil
	})
	return players, err
}

// decodeClip decodes a whole clip to stereo at its own rate: in this process, so
// that what somebody sends in meets no other program.
func decodeClip(ctx context.Context, data []byte) (pcm []float32, rate int, err error) {
	decoder, err := audio.Open(ctx, audio.Source{R: bytes.NewReader(data), Size: int64(len(data)), Name: "announcement"},
		audio.OpenOptions{})
	if err != nil {
		return nil, 0, err
	}
	defer decoder.Close()
	stereo := audio.Stereo(decoder)
	rate = stereo.Info().Rate
	block := make([]float32, 8192)
	for {
		n, err := stereo.Read(block)
		pcm = append(pcm, block[:2*n]...)
		switch {
		case len(pcm)/2 > int(longestClip.Seconds())*rate:
			return nil, 0, fmt.Errorf("it is longer than %v", longestClip)
		case errors.Is(err, io.EOF) && len(pcm) == 0:
			return nil, 0, errors.New("it is empty")
		case errors.Is(err, io.EOF):
			return pcm, rate, nil
		case err != nil:
			return nil, 0, err
		}
	}
}

// announceFormat is the first of a device's formats that can be made.
func announceFormat(offered []wire.Format, rate int) (audio.Format, bool) {
	for _, o := range offered {
		f := audio.Format{Codec: audio.Codec(o.Codec), Rate: o.Rate, Channels: o.Channels, Bits: o.Bits, Frame: o.Rate / announceChunks}
		if f.Codec == audio.Opus {
			f.Bits, f.Frame = 0, 0
		}
		if f.Channels > 2 || f.Rate < 8000 || f.Rate > 192_000 || !audio.EncoderAvailable(f.Codec) {
			continue
		}
		if f.Rate != rate {
			if _, err := audio.NewResampler(rate, f.Rate, 2); err != nil {
				continue
			}
		}
		if e, err := audio.NewEncoder(f); err == nil {
			_ = e.Close()
			return f, true
		}
	}
	return audio.Format{}, false
}

// encodeClip makes an announcement of interleaved stereo.
func encodeClip(pcm []float32, rate int, f audio.Format) (sendspin.Announcement, error) {
	if rate != f.Rate {
		r, err := audio.NewResampler(rate, f.Rate, 2)
		if err != nil {
			return sendspin.Announcement{}, err
		}
		pcm = r.Flush(r.Process(nil, pcm))
	}
	if f.Channels == 1 {
		mono := make([]float32, 0, len(pcm)/2)
		for i := 0; i+1 < len(pcm); i += 2 {
			mono = append(mono, (pcm[i]+pcm[i+1])/2)
		}
		pcm = mono
	}
	encoder, err := audio.NewEncoder(f)
	if err != nil {
		return sendspin.Announcement{}, err
	}
	defer encoder.Close()
	frames, err := encoder.Encode(pcm)
	if err != nil {
		return sendspin.Announcement{}, err
	}
	rest, err := encoder.Flush()
	if err != nil {
		return sendspin.Announcement{}, err
	}
	a := sendspin.Announcement{Format: sendspin.StreamFormat{
		Codec: string(f.Codec), Rate: f.Rate, Channels: f.Channels, Bits: max(f.Bits, 16), Header: encoder.Stream().Header,
	}}
	for _, frame := range append(frames, rest...) {
		a.Chunks = append(a.Chunks, sendspin.AnnouncementChunk{Data: frame.Data, Samples: frame.Samples})
	}
	return a, nil
}
