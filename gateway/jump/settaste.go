package jump

// setTaste is what a listener thinks of a set of tags: what it adds to the liking,
// and the tag that adds most (-1 for none) were it alone.
type setTaste struct {
	liking float64
	most   float64
	best   int32
}

// setTastes are kept by set, until a tally changes or the hour does: see
// tally.balance.
type setTastes struct {
	places
	rows []setTaste // by place
	hour int64
}

// begin forgets everything.
func (t *setTastes) begin() {
	t.places.begin()
	t.rows = t.rows[:0]
}

// setTaste returns what a listener thinks of a set of tags, -1 for the empty one.
func (e *Engine) setTaste(l *listener, set int32, now int64) setTaste {
	if set < 0 {
		return setTaste{best: -1}
	}
	t := &l.sets
	if hour := now / tallyHour; hour != t.hour {
		t.begin()
		t.hour = hour
	}
	at := t.of(set)
	if int(at) == len(t.rows) {
		t.rows = append(t.rows, e.tasteOfTags(l, e.tagged.all.at(set), now))
	}
	return t.rows[at]
}

func (e *Engine) tasteOfTags(l *listener, tags []int32, now int64) setTaste {
	t, sum := setTaste{best: -1}, 0.0
	for _, g := range tags {
		v := l.tagLiking(g, now)
		sum += v
		if v *= shareTags; (t.best < 0 || v > t.most) && e.tags.all[g].kind != kindDecade {
			t.best, t.most = g, v
		}
	}
	t.liking = shareTags * sum / float64(len(tags))
	return t
}
