package jump

import "time"

// How long a JUMP is remembered.
const (
	notThis  = time.Minute   // a JUMP or skip so soon after one refuses the landing
	journey  = 2 * time.Hour // without a JUMP the thread is let go
	maxSteps = 32
)

// trail is where a listener's JUMPs led, oldest first.
type trail struct {
	steps []step
	start Context // where the journey began; zero when there is none
}

// step is one JUMP.
type step struct {
	from, to Context
	at       time.Time
	refused  bool
}

// last returns the last JUMP if it landed where the listener is now.
func (t *trail) last(here Context) (*step, bool) {
	if len(t.steps) == 0 {
		return nil, false
	}
	s := &t.steps[len(t.steps)-1]
	return s, s.to.same(here)
}

// record notes a JUMP. Whoever chose another context since, or has not
// jumped for long, begins a new journey.
func (t *trail) record(from, to Context, now time.Time) {
	last, here := t.last(from)
	switch {
	case !here || now.Sub(last.at) > journey:
		t.start = from
	case now.Sub(last.at) < notThis:
		last.refused = true
	}
	if len(t.steps) == maxSteps {
		t.steps = append(t.steps[:0], t.steps[1:]...)
	}
	t.steps = append(t.steps, step{from: from, to: to, at: now})
}

// skipped notes that a track was skipped that began at that time: right after
// a JUMP it refuses the landing.
func (t *trail) skipped(at time.Time) {
	if len(t.steps) == 0 {
		return
	}
	if s := &t.steps[len(t.steps)-1]; !at.Before(s.at) && at.Sub(s.at) < notThis {
		s.refused = true
	}
}

// thread says what the next JUMP is to be like: the context that is left, or
// the one before if this one was refused; and the start of the journey.
func (t *trail) thread(here Context, now time.Time) (like, start Context) {
	like, start = here, here
	s, ok := t.last(here)
	if !ok || now.Sub(s.at) > journey {
		return like, start
	}
	if s.refused || now.Sub(s.at) < notThis {
		like = s.from
	}
	return like, t.start
}

// age returns how many JUMPs ago a context was left or refused: 0 for the last
// one, -1 for never or not in this journey.
func (t *trail) age(c Context, now time.Time) int {
	for i := range t.steps {
		s := &t.steps[len(t.steps)-1-i]
		if now.Sub(s.at) > journey {
			return -1
		}
		if s.from.same(c) || s.refused && s.to.same(c) {
			return i
		}
	}
	return -1
}
