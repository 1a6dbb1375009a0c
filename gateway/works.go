package gateway

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// classical are the genres, folded, in which the composer counts as the artist
// does, and titles name a work and its movement. In other music the composer is
// who wrote a song, and says little.
var classical = func() map[string]bool {
	all := map[string]bool{}
	for _, genre := range []string{
		"Classical", "Classical Music", "Klassik", "Classique", "Clásica", "Baroque", "Opera", "Chamber Music", "Symphony", "Symphonic",
		"Orchestral", "Choral", "Concerto", "Sonata", "Lied", "Lieder", "Oratorio", "Renaissance", "Early Music", "Modern Classical",
		"클래식", "고전음악", "クラシック", "古典音乐",
	} {
		all[terms.Fold(genre)] = true
	}
	return all
}()

// movement finds the work in a title such as "Symphony No. 5: II. Andante".
var movement = regexp.MustCompile(`^(.*\S)\s*[:,–-]\s*(?:No\. ?)?(?:[IVXL]{1,6}|[0-9]{1,2})\.\s*\S`)

// segue finds titles that run into the next one, as live recordings mark them.
var segue = regexp.MustCompile(`(?i)(?:\s*-?>|\s*→|\s*[(\[]segue[)\]])\s*$`)

// grouping finds out what belongs together: the parts of works, and tracks that
// run into each other; and which names are one artist's.
type grouping struct {
	albums map[string][]placed // only those with a track that runs into the next
	names  map[string][]string // by MusicBrainz id, or by name for sorting
}

// placed is an item and its place on its album.
type placed struct {
	item  int
	place int
	runs  bool // into the next
}

func newGrouping() *grouping {
	return &grouping{albums: map[string][]placed{}, names: map[string][]string{}}
}

// take fills in of an item what a track says of its work, and notes the rest. The
// item is to stand at that place of the list.
func (g *grouping) take(it *jump.Item, t *store.Track, at int) {
	place := t.Disc*1000 + t.Number
	if slices.ContainsFunc(it.Genres, func(genre string) bool { return classical[terms.Fold(genre)] }) || t.Movement > 0 {
		it.Composer = t.Composer
		if it.Work = t.Work; it.Work == "" {
			if m := movement.FindStringSubmatch(t.Title); m != nil {
				it.Work = m[1]
			}
		}
		it.Part = cmp.Or(place, t.Movement)
	}
	if t.Album != "" {
		g.albums[t.AlbumID] = append(g.albums[t.AlbumID], placed{at, place, segue.MatchString(t.Title)})
	}
	g.name(t)
}

// name notes by which names an artist goes.
func (g *grouping) name(t *store.Track) {
	note := func(key, name string) {
		if key != "" && name != "" && !slices.Contains(g.names[key], name) {
			g.names[key] = append(g.names[key], name)
		}
	}
	note(t.ArtistMBID, t.Artist)
	// In Latin letters a name for sorting is an inversion ("Beatles, The"); of
	// others it is the name in Latin letters.
	if t.ArtistSort != "" && strings.ContainsFunc(t.Artist, notLatin) && !strings.ContainsFunc(t.ArtistSort, notLatin) {
		key := cmp.Or(t.ArtistMBID, "sort "+t.Artist)
		note(key, t.Artist)
		note(key, t.ArtistSort)
	}
}

func notLatin(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }

// join makes one work of tracks that run into each other.
func (g *grouping) join(items []jump.Item) {
	for _, on := range g.albums {
		if !slices.ContainsFunc(on, func(p placed) bool { return p.runs }) {
			continue
		}
		slices.SortFunc(on, func(a, b placed) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.item, b.item)) })
		for i := 0; i+1 < len(on); i++ {
			this, next := &items[on[i].item], &items[on[i+1].item]
			if !on[i].runs || on[i+1].place != on[i].place+1 {
				continue
			}
			if this.Work == "" {
				this.Work, this.Part = this.Title, on[i].place
			}
			next.Work, next.Part = this.Work, on[i+1].place
		}
	}
}

// aliases are the names of each artist who has more than one.
func (g *grouping) aliases() [][]string {
	var out [][]string
	for _, names := range g.names {
		if len(names) > 1 {
			slices.Sort(names)
			out = append(out, names)
		}
	}
	slices.SortFunc(out, slices.Compare) // maps have no order, what is learned has
	return out
}
