package sound

import "math"

const (
	lowestTone  = 65.0   // Hz: lower, bins are wider than tones
	highestTone = 2100.0 // Hz: higher, overtones outweigh tones
	concertA    = 440.0
	tones       = 12
	change      = 0.5 // seconds over which the harmony's change is measured
)

// Probe-tone profiles of the major and the minor key (Krumhansl and Kessler,
// Psychological Review 89, 1982), from the tonic up.
var (
	majorProfile = chroma{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88}
	minorProfile = chroma{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}
)

// chroma is how strong each of the twelve tones is, C first.
type chroma [tones]float64

// harmony gathers which tones sound.
type harmony struct {
	tone   []int8   // of each bin, -1 for none
	past   []chroma // the last half a second, unit length; a ring
	at     int
	filled int
	total  chroma
	change moments
}

func newHarmony(rate int) *harmony {
	h := &harmony{tone: make([]int8, bins), past: make([]chroma, max(1, int(change*float64(rate)/hop)))}
	for i := range h.tone {
		hz := float64(i) * float64(rate) / window
		h.tone[i] = -1
		if hz >= lowestTone && hz <= highestTone {
			semitones := int(math.Round(12 * math.Log2(hz/concertA)))
			h.tone[i] = int8(((semitones+9)%tones + tones) % tones) //nolint:gosec // 0 to 11
		}
	}
	return h
}

func (h *harmony) endExcerpt() { h.at, h.filled = 0, 0 }

func (h *harmony) add(s *spectrum) {
	var c chroma
	for i, tone := range h.tone {
		if tone >= 0 {
			c[tone] += math.Sqrt(s.power[i])
		}
	}
	length := 0.0
	for _, v := range c {
		length += v * v
	}
	if length == 0 {
		return
	}
	length = math.Sqrt(length)
	for i := range c {
		c[i] /= length
		h.total[i] += c[i]
	}
	if h.filled == len(h.past) {
		likeness := 0.0
		for i, v := range h.past[h.at] {
			likeness += v * c[i]
		}
		h.change.add(1 - likeness)
	} else {
		h.filled++
	}
	h.past[h.at] = c
	h.at = (h.at + 1) % len(h.past)
}

func (h *harmony) fill(f *Features) {
	major, minor := h.total.fit(&majorProfile), h.total.fit(&minorProfile)
	f[KeyClarity] = float32(max(major, minor))
	f[Mode] = float32(major - minor)
	if h.change.n > 0 {
		f[Harmony] = float32(h.change.mean())
	}
}

// fit returns the correlation with the profile in the key that fits best.
func (c *chroma) fit(profile *chroma) float64 {
	best := -1.0
	for tonic := range tones {
		var turned chroma
		for i := range turned {
			turned[i] = c[(i+tonic)%tones]
		}
		best = max(best, correlation(&turned, profile))
	}
	return best
}

func correlation(a, b *chroma) float64 {
	var meanA, meanB float64
	for i := range a {
		meanA += a[i] / tones
		meanB += b[i] / tones
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-meanA, b[i]-meanB
		ab += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
