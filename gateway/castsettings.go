package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// castSettings is what is kept of a Chromecast beside what is kept of every
// device: the setting "cast:ID" of the store, as JSON.
type castSettings struct {
	Mode  zone.Way `json:"mode,omitempty"`
	HiRes bool     `json:"hiRes,omitempty"` // more than 48 kHz and 16 bit
	Hold  bool     `json:"hold,omitempty"`  // stay connected while it is in no zone
	// StartMs is how long it takes from a load of the zone's stream to the first
	// sound, as it was measured last; 0 if never.
	StartMs int `json:"startMs,omitempty"`
	// Refused are codecs that the device said it does not play.
	Refused []audio.Codec `json:"refused,omitempty"`
}

func castKey(id string) string { return "cast:" + id }

func isCast(k devices.Kind) bool { return k == devices.Cast || k == devices.CastGroup }

// recallCast reads what is kept of a Chromecast.
func (h *house) recallCast(id string) castSettings {
	var c castSettings
	text, err := h.cfg.Store.Setting(h.ctx, castKey(id))
	if err == nil {
		err = json.Unmarshal([]byte(text), &c)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) && h.ctx.Err() == nil {
		h.log.Error("a Chromecast's settings cannot be read", "device", id, "error", err)
	}
	return c
}

func (h *house) saveCast(s *speaker) error {
	text, err := json.Marshal(s.cast)
	if err == nil {
		err = h.cfg.Store.SetSetting(h.ctx, castKey(s.settings.ID), string(text))
	}
	if err != nil {
		return fmt.Errorf("keep a Chromecast's settings: %w", err)
	}
	return nil
}

// startSlack is by how much the time that a device takes to begin may change
// before that is kept.
const startSlack = 20 * time.Millisecond

// castStarts keeps how long a Chromecast takes to begin.
func (h *house) castStarts(l *castLink, d time.Duration) {
	s := h.speakers[l.id]
	if s == nil || s.link != l || (d-time.Duration(s.cast.StartMs)*time.Millisecond).Abs() < startSlack {
		return
	}
	s.cast.StartMs = max(int(d.Milliseconds()), 1)
	if err := h.saveCast(s); err != nil && h.ctx.Err() == nil {
		h.log.Warn("how long a Chromecast takes to begin was not kept", "device", l.id, "error", err)
	}
}

// patchCast changes what a person set for a Chromecast. A member that plays is
// made anew where that is needed.
func (h *house) patchCast(s *speaker, p api.CastPatch) error {
	if !isCast(s.device.Kind) {
		return api.Invalid(phrase.Program, h.name(s)+" is no Chromecast.")
	}
	if p.Member != nil {
		if err := h.patchMember(s, *p.Member); err != nil {
			return err
		}
	}
	was := s.cast
	if p.Mode != nil {
		s.cast.Mode = zone.Way(*p.Mode)
	}
	if p.HiRes != nil {
		s.cast.HiRes = *p.HiRes
	}
	if p.Hold != nil {
		s.cast.Hold = *p.Hold
	}
	if err := h.saveCast(s); err != nil {
		s.cast = was
		return err
	}
	if p.Certificate != nil {
		if err := h.judgeCertificate(s, *p.Certificate); err != nil {
			return err
		}
	}
	if s.cast.Mode != was.Mode || s.cast.HiRes != was.HiRes {
		if l, ok := s.link.(*castLink); ok {
			l.formats.Store(h.castFormats(s))
		}
		h.detach(s) // settle brings it back, playing the other way
	}
	return nil
}

func (h *house) castView(s *speaker) *api.CastView {
	if !isCast(s.device.Kind) {
		return nil
	}
	v := &api.CastView{Mode: string(s.cast.Mode), HiRes: s.cast.HiRes, Hold: s.cast.Hold, Certificate: s.certificate}
	if l, ok := s.link.(*castLink); ok {
		v.Members = l.members()
	}
	if v.Mode == "" {
		v.Mode = string(zone.AnyWay)
	}
	return v
}

// castFormats is what a device plays as it is, by what is known of it now.
func (h *house) castFormats(s *speaker) *member.CastFormats {
	f := member.CastFormatsOf(s.device.Model, s.device.Kind == devices.CastGroup, s.cast.HiRes, s.cast.Refused...)
	return &f
}

// castSource is a track's file as package member judges it.
func castSource(t store.Track) member.CastSource {
	return member.CastSource{
		Codec: audio.Codec(t.Codec), Container: strings.ToLower(strings.TrimPrefix(filepath.Ext(t.Path), ".")),
		Rate: t.Rate, Channels: t.Channels, Bits: t.Bits,
	}
}

// item says what the device fetches for an entry of its zone's queue: the file
// itself where it plays that, else a conversion.
func (l *castLink) item(ctx context.Context, i zone.Item) (cast.Item, error) {
	row, err := l.house.cfg.Store.Track(ctx, i.Track.ID)
	if err != nil {
		return cast.Item{}, err
	}
	at := l.at()
	out := member.CastItem(i)
	formats := l.formats.Load()
	kind, original := formats.Plays(castSource(row))
	if original {
		out.ContentType = kind
		out.URL, err = l.house.cfg.Origin.mediaURL(at, string(zone.OriginalFile), row.ID, "")
	} else {
		out.ContentType = "audio/wav"
		out.URL, err = l.house.cfg.Origin.mediaURL(at, convertedFile, row.ID, conversionName(formats.Conversion(castSource(row))))
	}
	if err != nil {
		return cast.Item{}, err
	}
	out.URL = l.own(out.URL)
	if row.Cover != "" {
		if out.ImageURL, err = l.house.cfg.Origin.mediaURL(at, string(zone.CoverImage), row.Cover, ""); err != nil {
			return cast.Item{}, err
		}
	}
	return out, nil
}

// refused takes it that the device could not play an entry. It tells whether
// there is another form of it: the conversion, in place of the file itself. The
// codec is kept as one that it does not play where the device was sure.
func (l *castLink) refused(ctx context.Context, i zone.Item, sure bool) bool {
	row, err := l.house.cfg.Store.Track(ctx, i.Track.ID)
	if err != nil {
		return false
	}
	source := castSource(row)
	if _, original := l.formats.Load().Plays(source); !original {
		return false
	}
	err = l.house.do(ctx, func() error {
		s := l.house.speakers[l.id]
		if s == nil || s.link != l || slices.Contains(s.cast.Refused, source.Codec) {
			return nil
		}
		kept := s.cast.Refused
		s.cast.Refused = append(slices.Clone(kept), source.Codec)
		l.formats.Store(l.house.castFormats(s))
		if !sure {
			s.cast.Refused = kept // it may have been the network
			return nil
		}
		l.house.log.Info("a Chromecast does not play a codec: it gets conversions from now on", "device", l.id, "codec", source.Codec)
		return l.house.saveCast(s)
	})
	if err != nil && ctx.Err() == nil {
		l.house.log.Warn("a Chromecast's refusal was not kept", "device", l.id, "error", err)
	}
	return ctx.Err() == nil
}
