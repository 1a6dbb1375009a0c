package mdns

import (
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Limits on what a link's cache keeps, whatever is sent to it.
const (
	maxEntries = 4096                  // records of a link
	maxSameKey = 512                   // records of one name and type
	maxTTL     = 75 * 60 * time.Second // longer ones are refreshed at this age
	lastSecond = time.Second           // what a goodbye or a flush leaves (RFC 6762 section 10.1)
	refreshGap = 5                     // per cent of a TTL between two refreshes
	refreshAt  = 80                    // per cent of a TTL until the first
	refreshMax = 4                     // refreshes of one record: at 80, 85, 90 and 95 %
	jitterPart = 50                    // a refresh is late by up to 1/50 of the TTL
)

// together is how much too early a refresh may be, to go with another in one
// query.
const together = 100 * time.Millisecond

// entry is a record that was heard.
type entry struct {
	record
	heard   time.Time
	expires time.Time
	// refresh is when to ask for it again, zero when it was asked often enough.
	refresh   time.Time
	refreshed int
	// dying tells that it was taken back or replaced, and has its last second.
	dying bool
}

// cache holds what was heard on one link. It belongs to the node's goroutine.
type cache struct {
	entries map[key][]*entry
	n       int
	due     time.Time // nothing has to be done before; zero if nothing ever
	rand    *rand.Rand
}

func newCache(r *rand.Rand) *cache { return &cache{entries: make(map[key][]*entry), rand: r} }

// outcome is what became of a record that was put into a cache.
type outcome int

const (
	nothingNew outcome = iota
	news
	refused // the cache is full
)

// put takes a record that was heard now.
func (c *cache) put(r record, now time.Time) outcome {
	k := r.key()
	list := c.entries[k]
	at := slices.IndexFunc(list, func(e *entry) bool { return e.sameData(&r) })
	switch {
	case at >= 0 && r.ttl == 0:
		c.die(list[at], now)
		return nothingNew // yet: it has its last second
	case at >= 0:
		revived := list[at].dying
		*list[at] = *c.entry(r, now)
		if revived {
			return news
		}
		return nothingNew
	case r.ttl == 0:
		return nothingNew // a goodbye to what we never heard of
	case c.n >= maxEntries || len(list) >= maxSameKey:
		return refused
	}
	c.entries[k] = append(list, c.entry(r, now))
	c.n++
	return news
}

func (c *cache) entry(r record, now time.Time) *entry {
	e := &entry{record: r, heard: now, expires: now.Add(min(time.Duration(r.ttl)*time.Second, maxTTL))}
	c.schedule(e)
	c.dueBy(e)
	return e
}

// dueBy has the cache looked at when the entry needs it.
func (c *cache) dueBy(e *entry) {
	w := wake{c.due}
	w.at(e.expires)
	w.at(e.refresh)
	c.due = w.t
}

// schedule sets when the entry is to be refreshed next.
func (c *cache) schedule(e *entry) {
	if e.dying || e.refreshed >= refreshMax {
		e.refresh = time.Time{}
		return
	}
	life := e.expires.Sub(e.heard)
	e.refresh = e.heard.Add(life * time.Duration(refreshAt+refreshGap*e.refreshed) / 100)
	if j := int64(life / jitterPart); j > 0 {
		e.refresh = e.refresh.Add(time.Duration(c.rand.Int64N(j)))
	}
	e.refreshed++
}

// die gives an entry its last second.
func (c *cache) die(e *entry, now time.Time) {
	if end := now.Add(lastSecond); e.expires.After(end) {
		e.expires = end
	}
	e.dying, e.refresh = true, time.Time{}
	c.dueBy(e)
}

// flush ends what a unique record replaces: all of its key that was heard more
// than a second ago and is not in the same packet (RFC 6762 section 10.2).
func (c *cache) flush(k key, now time.Time) {
	for _, e := range c.entries[k] {
		if now.Sub(e.heard) > time.Second {
			c.die(e, now)
		}
	}
}

// sweep drops what has ended, and tells whether there was any; and it returns
// what is to be asked for again, and schedules the next time.
func (c *cache) sweep(now time.Time) (ended bool, stale []key) {
	if c.due.IsZero() || c.due.After(now) {
		return false, nil
	}
	c.due = time.Time{}
	for k, list := range c.entries {
		kept := slices.DeleteFunc(list, func(e *entry) bool { return !e.expires.After(now) })
		if gone := len(list) - len(kept); gone > 0 {
			ended = true
			c.n -= gone
			c.entries[k] = kept
		}
		if len(kept) == 0 {
			delete(c.entries, k)
			continue
		}
		again := false
		for _, e := range kept {
			if !e.refresh.IsZero() && !e.refresh.After(now.Add(together)) {
				again = true
				c.schedule(e)
			}
			c.dueBy(e)
		}
		if again {
			stale = append(stale, k)
		}
	}
	return ended, stale
}

// get returns what is known under a key, what was heard last first; dying
// entries stand behind the living.
func (c *cache) get(name string, typ dnsmessage.Type) []*entry {
	list := slices.Clone(c.entries[key{fold(name), typ}])
	slices.SortStableFunc(list, func(a, b *entry) int {
		if a.dying != b.dying {
			if a.dying {
				return 1
			}
			return -1
		}
		return b.heard.Compare(a.heard)
	})
	return list
}

// living returns the entries of a key that nobody took back or, if there are
// none, those that are dying.
func (c *cache) living(name string, typ dnsmessage.Type) []*entry {
	list := c.get(name, typ)
	if n := slices.IndexFunc(list, func(e *entry) bool { return e.dying }); n > 0 {
		return list[:n]
	}
	return list
}

// known are the answers to tell with a question: those that have more than half
// of their time left (RFC 6762 section 7.1).
func (c *cache) known(k key, now time.Time) []record {
	var out []record
	for _, e := range c.entries[k] {
		left := e.expires.Sub(now)
		if e.dying || e.flush || left <= time.Duration(e.ttl)*time.Second/2 {
			continue
		}
		r := e.record
		r.ttl = uint32(left / time.Second)
		out = append(out, r)
	}
	return out
}

// wake gathers the earliest of several times.
type wake struct{ t time.Time }

func (w *wake) at(t time.Time) {
	if !t.IsZero() && (w.t.IsZero() || t.Before(w.t)) {
		w.t = t
	}
}
