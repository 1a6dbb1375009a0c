package jump

import (
	"maps"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fold makes the key under which names are compared: compatibility composition
// (NFKC), so that decomposed Hangul and half-width kana are what they look like,
// lower case, single spaces.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
}

// guestMarks introduce guests, who do not count as the artist.
var guestMarks = []string{" feat. ", " feat ", " ft. ", " ft ", " featuring ", "(feat", "(ft", "[feat", "(with "}

// artistKey returns the folded name of who made an item, empty for nobody.
func artistKey(name string) string {
	k := fold(name)
	for _, m := range guestMarks {
		if i := strings.Index(k, m); i > 0 {
			k = strings.TrimSpace(k[:i])
		}
	}
	switch k {
	case "various artists", "various", "va", "unknown artist", "unknown":
		return ""
	}
	return k
}

// artistKey is the key of an artist under whichever name.
func (e *Engine) artistKey(name string) string { return e.aliases.of(artistKey(name)) }

// aliases lead from a folded name to one that is meant as well, and at last to the
// one that all of them count as.
type aliases map[string]string

func (a aliases) of(k string) string {
	for range len(a) + 1 {
		to, ok := a[k]
		if !ok {
			break
		}
		k = to
	}
	return k
}

// SetAliases says which names are one artist's, such as "IU" and "아이유": each
// list is one artist, and so are two that share a name. It replaces what was said
// before, and holds for the whole catalogue.
func (e *Engine) SetAliases(artists [][]string) {
	said := aliases{}
	for _, names := range artists {
		first := ""
		for _, n := range names {
			k := said.of(artistKey(n))
			switch {
			case k == "" || k == first:
			case first == "":
				first = k
			default:
				said[k] = first
			}
		}
	}
	if maps.Equal(said, e.aliases) {
		return
	}
	e.aliases = said
	items := make([]Item, 0, e.live)
	for i := range e.items {
		if e.items[i].live {
			items = append(items, e.item(int32(i)))
		}
	}
	e.SetCatalogue(items)
}
