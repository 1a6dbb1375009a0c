package container

// flacSeekNear is how far (in bytes) before its target a seek may end.
const flacSeekNear = 128 << 10

// seek narrows down, by the numbers in frame headers, where a sample is.
func (f *flacWalker) seek(sample int64) (int64, bool) {
	lo, hi := f.first, f.w.size // bytes
	var loSample int64
	for range 64 {
		if hi-lo <= flacSeekNear {
			break
		}
		mid := lo + (hi-lo)/2
		off, start, ok := f.frameFrom(mid, hi)
		if !ok || start > sample {
			hi = mid
			continue
		}
		if start < loSample {
			return 0, false // numbers that fall: no order to search in
		}
		lo, loSample = off, start
	}
	f.off = lo
	return loSample, true
}

// frameFrom finds the first whole frame at or behind off, and before end, with
// the number of its first sample.
func (f *flacWalker) frameFrom(off, end int64) (at, sample int64, ok bool) {
	for limit := min(end, off+f.info.frameCap()); off < limit; off++ {
		b, err := f.w.peek(off, flacHeaderSize)
		if err != nil || len(b) < 6 {
			return 0, 0, false
		}
		if b[0] != 0xFF || b[1]&0xFE != 0xF8 {
			continue
		}
		h, ok := parseFLACHeader(b, f.info)
		if !ok {
			continue
		}
		// A header in the middle of a frame is followed by no checksum that
		// is right.
		probe := flacWalker{w: f.w, off: off, info: f.info}
		if _, err := probe.findEnd(h); err != nil || probe.damage > 0 {
			continue
		}
		switch {
		case h.variable:
			return off, int64(h.num), true
		case f.info.minBlock == f.info.maxBlock:
			return off, int64(h.num) * int64(f.info.maxBlock), true
		}
		return 0, 0, false
	}
	return 0, 0, false
}
