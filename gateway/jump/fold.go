package jump

import (
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
func (e *Engine) artistKey(name string) string {
	k := artistKey(name)
	if of, ok := e.aliases[k]; ok {
		return of
	}
	return k
}

// SetAliases says which names are one artist's, such as "IU" and "아이유": each
// list is one artist. It replaces what was said before, and holds for the whole
// catalogue.
func (e *Engine) SetAliases(artists [][]string) {
	e.aliases = map[string]string{}
	for _, names := range artists {
		first := ""
		for _, n := range names {
			k := artistKey(n)
			switch {
			case k == "":
			case first == "":
				first = k
			default:
				e.aliases[k] = first
			}
		}
	}
	items := make([]Item, 0, e.live)
	for i := range e.items {
		if e.items[i].live {
			items = append(items, e.item(int32(i)))
		}
	}
	e.SetCatalogue(items)
}
