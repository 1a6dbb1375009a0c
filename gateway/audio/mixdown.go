package audio

import "math"

// downmix holds, for each number of channels in the order of RFC 9639 section
// 9.1.3 (which is WAV's too), what goes to the left and to the right; nil
// where nothing is mixed. Centre and surrounds come in at -3 dB, the low
// frequency channel not at all (ITU-R BS.775-3), and the whole is scaled so
// that it cannot clip.
var downmix = [9][]struct{ l, r float32 }{
	3: fold("LRC"),
	4: fold("LRlr"),
	5: fold("LRClr"),
	6: fold("LRC-lr"),
	7: fold("LRC-clr"),
	8: fold("LRC-lrlr"),
}

func fold(layout string) []struct{ l, r float32 } {
	m := make([]struct{ l, r float32 }, len(layout))
	var sum float32
	for i, c := range layout {
		const side = math.Sqrt2 / 2
		switch c {
		case 'L':
			m[i].l = 1
		case 'R':
			m[i].r = 1
		case 'C':
			m[i].l, m[i].r = side, side
		case 'c':
			m[i].l, m[i].r = 0.5, 0.5
		case 'l':
			m[i].l = side
		case 'r':
			m[i].r = side
		}
		sum += m[i].l
	}
	for i := range m {
		m[i].l /= sum
		m[i].r /= sum
	}
	return m
}

// mixdown copies one or two channels as they are and folds more into two.
func mixdown(dst, src []float32, channels int) {
	if channels <= 2 {
		copy(dst, src)
		return
	}
	if channels >= len(downmix) {
		// Nobody knows the layout: the first two are the front ones.
		for i := 0; i+channels <= len(src); i += channels {
			dst[i/channels*2], dst[i/channels*2+1] = src[i], src[i+1]
		}
		return
	}
	m := downmix[channels]
	for i := 0; i+channels <= len(src); i += channels {
		var l, r float32
		for c, k := range m {
			l += src[i+c] * k.l
			r += src[i+c] * k.r
		}
		dst[i/channels*2], dst[i/channels*2+1] = l, r
	}
}
