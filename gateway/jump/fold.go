package jump

import "strings"

// fold makes the key under which names are compared: lower case, single
// spaces. Unicode normalisation is the caller's: tags are read as NFC.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// guestMarks introduce guests, who do not count as the artist.
var guestMarks = []string{" feat. ", " feat ", " ft. ", " ft ", " featuring ", " (feat", " (ft", " [feat"}

// artistKey returns the folded name of who made an item, empty for nobody.
func artistKey(name string) string {
	k := fold(name)
	for _, m := range guestMarks {
		if i := strings.Index(k, m); i > 0 {
			k = k[:i]
		}
	}
	switch k {
	case "various artists", "various", "va", "unknown artist", "unknown":
		return ""
	}
	return k
}
