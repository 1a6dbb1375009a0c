package player

import (
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// segment is one decoded chunk, of which the first off frames were played.
type segment struct {
	at       int64 // server clock, µs, of its frame 0
	rate     int
	channels int
	bits     int
	pcm      []float32
	off      int
}

func (s *segment) frames() int { return len(s.pcm) / s.channels }

// due is the server's time of the next frame to play.
func (s *segment) due() int64 { return s.at + int64(s.off)*1_000_000/int64(s.rate) }

func (s *segment) end() int64 { return s.at + int64(s.frames())*1_000_000/int64(s.rate) }

// Limits of playout. An error of time below three quarters of a frame, or the
// output's slack, is left alone. One up to stepLimit, the specification's floor,
// or up to what the clock filter is unsure of, is taken up by single frames;
// beyond that frames are skipped or silence is put in.
const (
	stepLimit = 1_000  // µs
	stepMost  = 20_000 // however unsure the filter is
	missing   = 5_000  // a longer silence is a piece of the music that did not come
	// stepFrames lie between two single frames at least: 0.45 % of speed, below
	// the ±0.5 % that the specification allows.
	stepFrames = 220
)

// deadband in µs: what single frames cannot improve, nor the output's own slack
// allows to.
func (p *playout) deadband(rate int) int64 { return max(750_000/int64(rate), 3, p.slack) }

// playout puts decoded segments at their times.
type playout struct {
	local    func(server int64) int64 // converts a server time to our clock
	queue    []segment
	slack    int64 // µs, see Output.Slack
	unsure   int64 // µs, of the server's clock
	playing  bool  // the frame before the next one was sound
	steady   int   // frames since the last single one that was put in or taken out
	inserted uint64
	removed  uint64
	skipped  uint64 // frames that came too late
	gaps     uint64 // times that sound broke off with more expected
	resyncs  uint64 // times that the time of what plays had to jump
}

func (p *playout) push(s segment) { p.queue = append(p.queue, s) }

func (p *playout) clear() {
	clear(p.queue)
	p.queue = p.queue[:0]
	p.playing = false
}

// depth is how far the queue reaches beyond the given local time, in µs.
func (p *playout) depth(now int64) int64 {
	if len(p.queue) == 0 {
		return 0
	}
	return p.local(p.queue[len(p.queue)-1].end()) - now
}

// head is the next segment that is not played, nil if there is none.
func (p *playout) head() *segment {
	for len(p.queue) > 0 && p.queue[0].off >= p.queue[0].frames() {
		p.queue[0] = segment{}
		p.queue = p.queue[1:]
	}
	if len(p.queue) == 0 {
		return nil
	}
	return &p.queue[0]
}

// fill writes what is to be heard from the local time at on: sound where there
// is some, silence elsewhere. It tells whether it put in any sound, and stops
// early, with the frames written so far, where the format changes.
func (p *playout) fill(dst []float32, at audio.Time, rate, channels int) (frames int, sound bool) {
	total := len(dst) / channels
	for frames < total {
		s := p.head()
		if s == nil {
			p.broke()
			clear(dst[frames*channels:])
			return total, sound
		}
		if s.rate != rate || s.channels != channels {
			return frames, sound
		}
		here := int64(at) + int64(frames)*1_000_000/int64(rate)
		late := here - p.local(s.due())
		room := dst[frames*channels:]
		half := int64(500_000 / rate)
		limit := min(max(stepLimit, p.unsure), stepMost)
		switch {
		case late > limit || (!p.playing && late > half):
			if p.playing {
				p.resyncs++
			}
			n := min(max(int((late*int64(rate)+500_000)/1_000_000), 1), s.frames()-s.off)
			s.off += n
			p.skipped += uint64(n)
			continue
		case late < -limit || (!p.playing && late < -half):
			n := min(max(int((-late*int64(rate)+500_000)/1_000_000), 1), total-frames)
			clear(room[:n*channels])
			frames += n
			p.early(-late)
			continue
		}
		p.playing, sound = true, true
		frames += p.steer(s, room, late)
	}
	return frames, sound
}

// steer plays what follows, with a single frame more or less where that is late
// or early. It returns how many frames it wrote, at least one.
func (p *playout) steer(s *segment, dst []float32, late int64) (frames int) {
	n := min(s.frames()-s.off, len(dst)/s.channels)
	if band := p.deadband(s.rate); late > band || late < -band {
		switch {
		case p.steady < stepFrames:
			n = min(n, stepFrames-p.steady) // and then look again
		case late > 0:
			p.drop(s)
			n = min(s.frames()-s.off, n, stepFrames)
		default:
			if frames = p.insert(s, dst); frames > 0 {
				return frames
			}
		}
	}
	copy(dst, s.pcm[s.off*s.channels:(s.off+n)*s.channels])
	s.off += n
	p.steady += n
	return n
}

// early notes that silence comes before what is next: a piece of the music is
// missing where it is long, and otherwise the time has jumped.
func (p *playout) early(by int64) {
	switch {
	case !p.playing:
	case by > missing:
		p.gaps++
	default:
		p.resyncs++
	}
	p.playing = false
}

// dry notes that the output fell silent for want of samples. Sound has broken off,
// so that what follows is put at its time at once.
func (p *playout) dry() {
	if p.playing {
		p.resyncs++
	}
	p.playing = false
}

// broke notes that silence follows sound.
func (p *playout) broke() {
	if p.playing {
		p.gaps++
	}
	p.playing = false
}

// drop makes one frame of the next two.
func (p *playout) drop(s *segment) {
	if s.frames()-s.off < 2 {
		return
	}
	i := s.off * s.channels
	for c := range s.channels {
		s.pcm[i+s.channels+c] = (s.pcm[i+c] + s.pcm[i+s.channels+c]) / 2
	}
	s.off++
	p.steady = 0
	p.removed++
}

// insert puts a frame between the next one and the one behind it, and writes
// the first two of the three. Where there is no room it does nothing.
func (p *playout) insert(s *segment, dst []float32) (frames int) {
	if s.frames()-s.off < 2 || len(dst) < 2*s.channels {
		return 0
	}
	i := s.off * s.channels
	for c := range s.channels {
		dst[c] = s.pcm[i+c]
		dst[s.channels+c] = (s.pcm[i+c] + s.pcm[i+s.channels+c]) / 2
	}
	s.off++
	p.steady = 0
	p.inserted++
	return 2
}
