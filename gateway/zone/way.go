package zone

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Way is how a member that can lead is to play.
type Way string

// The ways. Where the timeline leads, a device that could lead plays its
// endless stream.
const (
	// AnyWay, like the empty Way, has the device lead when it is alone, and the
	// timeline where it has to mix: tracks that join without a gap, gain, or a
	// crossfade.
	AnyWay    Way = "auto"
	QueueWay  Way = "queue"  // it leads whenever it is alone
	StreamWay Way = "stream" // it never leads
)

// mixError tells that an entry has to be mixed, which no device's own queue
// does.
type mixError struct{ why string }

func (e *mixError) Error() string { return e.why }

// seam is the joint of two tracks.
type seam struct{ before, after string }

// What two tracks are listened to for at their seam. A track that fades out,
// or begins with a breath of silence, loses nothing by a device's own gap.
const (
	seamLength = 60 * time.Millisecond
	seamFloor  = 0.002 // -54 dB of full scale
	seamBudget = 1500 * time.Millisecond
	seamsKept  = 64
)

// neighbours tells whether b follows a on their album.
func neighbours(a, b Track) bool {
	if a.AlbumID == "" || a.AlbumID != b.AlbumID || a.Number <= 0 {
		return false
	}
	return a.Disc == b.Disc && b.Number == a.Number+1 || b.Disc == a.Disc+1 && b.Number == 1
}

// mixed finds the first of some entries' tracks that has to be mixed: it has a
// gain, is to fade into the next one, or sounds on into it. It returns len(tracks)
// where there is none. It is called off the zone's goroutine.
func (l *lead) mixed(ctx context.Context, tracks []Track, fade bool) (int, string) {
	if i := slices.IndexFunc(tracks, func(t Track) bool { return t.Live }); i >= 0 {
		return i, "it is heard as it happens"
	}
	if l.member.Way != AnyWay && l.member.Way != "" {
		return len(tracks), ""
	}
	ctx, cancel := context.WithTimeout(ctx, seamBudget)
	defer cancel()
	for i, t := range tracks {
		switch {
		case t.GainDB != 0:
			return i, "a gain has to be applied"
		case i+1 < len(tracks) && fade && !neighbours(t, tracks[i+1]):
			return i, "it fades into the next one"
		case i+1 < len(tracks) && neighbours(t, tracks[i+1]) && l.joins(ctx, t, tracks[i+1]):
			return i, "two tracks join without a gap"
		}
	}
	return len(tracks), ""
}

// joins listens to the end of a track and the beginning of the next. What cannot
// be listened to in time does not join.
func (l *lead) joins(ctx context.Context, a, b Track) bool {
	key := seam{a.ID, b.ID}
	if joined, known := l.seams[key]; known {
		return joined
	}
	joined := l.sounds(ctx, a.ID, true) && l.sounds(ctx, b.ID, false)
	if ctx.Err() != nil {
		return false
	}
	if len(l.seams) >= seamsKept {
		clear(l.seams)
	}
	l.seams[key] = joined
	return joined
}

// sounds tells whether a track is more than silence at its very end, or
// beginning.
func (l *lead) sounds(ctx context.Context, id string, end bool) bool {
	dec, err := l.z.cfg.Tracks.Open(ctx, id)
	if err != nil {
		return false
	}
	defer func() { _ = dec.Close() }()
	info := dec.Info()
	frames := framesIn(seamLength, info.Rate)
	if end {
		if info.Frames < frames || dec.SeekFrame(info.Frames-frames) != nil {
			return false
		}
	}
	return loud(dec, int(frames)*info.Channels)
}

// loud reads n samples and tells whether their mean level is over seamFloor.
func loud(dec audio.Decoder, n int) bool {
	pcm := make([]float32, n)
	frames, _ := audio.ReadFull(dec, pcm) // what cannot be read is silent
	got := frames * dec.Info().Channels
	var sum float64
	for _, x := range pcm[:got] {
		sum += float64(x) * float64(x)
	}
	return got > 0 && math.Sqrt(sum/float64(got)) > seamFloor
}

// mixFrom has the timeline lead from here on: the entry that is to play has to
// be mixed.
func (l *lead) mixFrom(why *mixError) {
	z := l.z
	offset := z.offset()
	z.log.Info("the timeline leads", "zone", z.cfg.ID, "member", l.member.ID, "why", why)
	l.loaded = l.loaded && l.given // one that was told nothing yet is not stopped
	z.stopLeading()
	z.play.offset = offset
	z.mixing = true
	z.regroup()
}

// rethink has a device lead again that made room for mixing, where something
// else begins: whether that has to be mixed is seen then. What plays is not
// broken off for it.
func (z *Zone) rethink() {
	if !z.mixing {
		return
	}
	z.mixing = false
	if m := z.mayLead(); m != nil && z.lead == nil {
		z.cancelPending()
		z.line.halt()
		z.line.head.reset()
		z.startLeading(m)
	}
}

// asMix finds a mixError in an error.
func asMix(err error) (*mixError, bool) {
	var mix *mixError
	ok := errors.As(err, &mix)
	return mix, ok
}
