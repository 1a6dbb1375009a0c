package history

import (
	"cmp"
	"slices"
	"time"
)

// maxMissing bounds the names that a report keeps apart.
const maxMissing = 100_000

// Report says what an import came to.
type Report struct {
	Format   Format
	Listens  int // read
	Found    map[How]int
	From, To time.Time // of the listens that were found
	Others   int       // listens not found of names that Missing does not have any more
	missing  map[Missing]int
}

// Missing is a track that the library does not have.
type Missing struct {
	Artist  string `json:"artist"`
	Title   string `json:"title"`
	Listens int    `json:"listens"`
}

// Add counts a listen that Match answered for.
func (r *Report) Add(l Listen, how How) {
	if r.Found == nil {
		r.Found, r.missing = map[How]int{}, map[Missing]int{}
	}
	r.Listens++
	r.Found[how]++
	if how != NotFound {
		if r.From.IsZero() || l.At.Before(r.From) {
			r.From = l.At
		}
		if l.At.After(r.To) {
			r.To = l.At
		}
		return
	}
	key := Missing{Artist: l.Artist, Title: l.Title}
	if _, ok := r.missing[key]; !ok && len(r.missing) >= maxMissing {
		r.Others++
		return
	}
	r.missing[key]++
}

// Missing returns what was not found, the most listened to first, at most limit.
func (r *Report) Missing(limit int) []Missing {
	out := make([]Missing, 0, len(r.missing))
	for m, n := range r.missing {
		m.Listens = n
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Missing) int {
		return cmp.Or(cmp.Compare(b.Listens, a.Listens), cmp.Compare(a.Artist, b.Artist), cmp.Compare(a.Title, b.Title))
	})
	return out[:min(limit, len(out))]
}
