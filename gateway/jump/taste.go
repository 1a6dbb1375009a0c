package jump

// taste is what a listener thinks of things at one moment, dense by number,
// each in [-1, 1].
type taste struct {
	item, artist, tag []float32
}

// balance shrinks a verdict by how little it rests on: (p-n)/(p+n+k) is the
// balance of the evidence times its confidence m/(m+k), m = p+n.
func balance(pos, neg, k float64) float64 { return (pos - neg) / (pos + neg + k) }

// strength returns the evidence of a heard item as of now, its rating included.
func (h *heard) strength(now int64) (pos, neg float64) {
	d := decay(now - h.at)
	pos, neg = float64(h.pos)*d, float64(h.neg)*d
	switch h.rating {
	case Liked:
		pos += likeStrength
	case Disliked:
		neg += likeStrength
	case Unrated:
	}
	return pos, neg
}

// tasteOf fills the scratch taste for a listener, who may be nil.
func (e *Engine) tasteOf(l *listener, now int64) *taste {
	t := &e.scratch.taste
	t.item = zeroed(t.item, len(e.items))
	t.artist = zeroed(t.artist, len(e.artists.all))
	t.tag = zeroed(t.tag, len(e.tags.all))
	if l == nil {
		return t
	}
	sums := &e.scratch.sums
	sums.artist = zeroedPairs(sums.artist, len(e.artists.all))
	sums.tag = zeroedPairs(sums.tag, len(e.tags.all))
	for i := range l.heard {
		h := &l.heard[i]
		pos, neg := h.strength(now)
		t.item[h.slot] = float32(balance(pos, neg, shrinkItem))
		en := &e.items[h.slot]
		if !en.live {
			continue
		}
		if en.artist >= 0 {
			sums.artist[en.artist].add(pos, neg)
		}
		for _, g := range en.tags {
			sums.tag[g].add(pos, neg)
		}
	}
	for i, s := range sums.artist {
		t.artist[i] = float32(balance(s.pos, s.neg, shrinkArtist))
	}
	for i, s := range sums.tag {
		t.tag[i] = float32(balance(s.pos, s.neg, shrinkTag))
	}
	return t
}

// liking returns the predicted liking of an item in [-1, 1].
func (e *Engine) liking(t *taste, slot int32) float64 {
	en := &e.items[slot]
	v := shareItem * float64(t.item[slot])
	if en.artist >= 0 {
		v += shareArtist * float64(t.artist[en.artist])
	}
	if len(en.tags) > 0 {
		sum := 0.0
		for _, g := range en.tags {
			sum += float64(t.tag[g])
		}
		v += shareTags * sum / float64(len(en.tags))
	}
	return v
}
