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
	rand    *rand.Rand
}

func newCache(r *rand.Rand) *cache { return &cache{entries: make(map[key][]*entry), rand: r} }

// put takes a record that was heard now. It is false if the cache is full.
func (c *cache) put(r record, now time.Time) bool {
	k := r.key()
	list := c.entries[k]
	at := slices.IndexFunc(list, func(e *entry) bool { return e.sameData(&r) })
	switch {
	case at >= 0 && r.ttl == 0:
		list[at].die(now)
		return true
	case at >= 0:
		*list[at] = *c.entry(r, now)
		return true
	case r.ttl == 0:
		return true // a goodbye to what we never heard of
	case c.n >= maxEntries || len(list) >= maxSameKey:
		return false
	}
	c.entries[k] = append(list, c.entry(r, now))
	c.n++
	return true
}

func (c *cache) entry(r record, now time.Time) *entry {
	e := &entry{record: r, heard: now, expires: now.Add(min(time.Duration(r.ttl)*time.Second, maxTTL))}
	c.schedule(e)
	return e
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

func (e *entry) die(now time.Time) {
	if end := now.Add(lastSecond); e.expires.After(end) {
		e.expires = end
	}
	e.dying, e.refresh = true, time.Time{}
}

// flush ends what a unique record replaces: all of its key that was heard more
// than a second ago and is not in the same packet (RFC 6762 section 10.2).
func (c *cache) flush(k key, now time.Time) {
	for _, e := range c.entries[k] {
		if now.Sub(e.heard) > time.Second {
			e.die(now)
		}
	}
}

// expire drops what has ended and tells whether there was any.
func (c *cache) expire(now time.Time) bool {
	before := c.n
	for k, list := range c.entries {
		kept := slices.DeleteFunc(list, func(e *entry) bool { return !e.expires.After(now) })
		c.n -= len(list) - len(kept)
		if len(kept) == 0 {
			delete(c.entries, k)
		} else {
			c.entries[k] = kept
		}
	}
	return c.n != before
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

// stale returns the keys to refresh now, and schedules their next refresh.
func (c *cache) stale(now time.Time) []key {
	var keys []key
	for k, list := range c.entries {
		due := false
		for _, e := range list {
			if !e.refresh.IsZero() && !e.refresh.After(now) {
				due = true
				c.schedule(e)
			}
		}
		if due {
			keys = append(keys, k)
		}
	}
	return keys
}

// next is when expire or stale will have something to do.
func (c *cache) next(w *wake) {
	for _, list := range c.entries {
		for _, e := range list {
			w.at(e.expires)
			if !e.refresh.IsZero() {
				w.at(e.refresh)
			}
		}
	}
}

// wake gathers the earliest of several times.
type wake struct{ t time.Time }

func (w *wake) at(t time.Time) {
	if !t.IsZero() && (w.t.IsZero() || t.Before(w.t)) {
		w.t = t
	}
}
