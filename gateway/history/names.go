package history

import (
	"strings"
	"unicode"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// words folds a name and leaves nothing but letters, digits and single spaces:
// "Simon & Garfunkel" and "simon and garfunkel" are one.
func words(s string) string {
	s = strings.ReplaceAll(terms.Fold(s), "&", " and ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// guests begin the names of those who do not count as the artist.
var guests = []string{" feat. ", " feat ", " ft. ", " ft ", " featuring ", " with "}

// artistKeys returns the names under which an artist is looked for, the fullest
// first: "아이유 (IU) feat. Suga" is known as "아이유 iu", "아이유" and "iu".
func artistKeys(name string) []string {
	folded := terms.Fold(name)
	for _, g := range guests {
		if i := strings.Index(folded, g); i > 0 {
			folded = folded[:i]
		}
	}
	before, inside, after := brackets(folded)
	if strings.HasPrefix(inside, "feat") || strings.HasPrefix(inside, "ft") || strings.HasPrefix(inside, "with ") {
		folded, inside = before+" "+after, ""
	}
	var keys []string
	for _, n := range []string{folded, before + " " + after, inside} {
		k := strings.TrimPrefix(words(n), "the ")
		if k != "" && !contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func contains(keys []string, k string) bool {
	for _, o := range keys {
		if o == k {
			return true
		}
	}
	return false
}

// brackets cuts a name at its first pair of brackets.
func brackets(s string) (before, inside, after string) {
	open := strings.IndexAny(s, "([")
	if open < 0 {
		return s, "", ""
	}
	end := strings.IndexAny(s[open:], ")]")
	if end < 0 {
		return s[:open], s[open+1:], ""
	}
	return s[:open], s[open+1 : open+end], s[open+end+1:]
}

// sameRecording are the words of additions to a title that do not make it
// another recording: guests, and how and when it was made ready for sale.
var sameRecording = []string{
	"feat", "ft", "featuring", "with", "remaster", "remastered", "mono", "stereo", "explicit", "clean", "bonus track",
	"album version", "original mix", "original version", "deluxe", "anniversary", "expanded", "from",
}

// titleKey is a title without such additions. What makes another recording
// stays: live, acoustic, remix, instrumental.
func titleKey(title string) string {
	folded := terms.Fold(title)
	var kept strings.Builder
	for folded != "" {
		before, inside, after := brackets(folded)
		kept.WriteString(before)
		if inside != "" && !addition(inside) {
			kept.WriteString(" " + inside + " ")
		}
		folded = after
	}
	out := kept.String()
	if head, tail, ok := strings.Cut(out, " - "); ok && addition(tail) {
		out = head
	}
	if k := words(out); k != "" {
		return k
	}
	return words(title) // "(With)"
}

func addition(s string) bool {
	w := " " + words(s) + " "
	for _, a := range sameRecording {
		i := strings.Index(w, " "+a+" ")
		switch {
		case i < 0:
		case a == "feat" || a == "ft" || a == "featuring" || a == "with" || a == "from":
			if i == 0 {
				return true
			}
		default:
			return !another(w)
		}
	}
	return false
}

// another tells that an addition names another recording after all: "live,
// remastered".
func another(w string) bool {
	for _, a := range []string{"live", "acoustic", "remix", "instrumental", "demo", "karaoke", "unplugged", "edit"} {
		if strings.Contains(w, " "+a+" ") {
			return true
		}
	}
	return false
}

// near tells that two keys differ by no more than a typing error in eight
// letters or so.
func near(a, b string) bool {
	x, y := []rune(a), []rune(b)
	allowed := min(len(x), len(y)) / 8
	if allowed == 0 || len(x)-len(y) > allowed || len(y)-len(x) > allowed {
		return false
	}
	return distance(x, y) <= allowed
}

// distance is how many letters are to be changed, added or left out
// (Levenshtein 1966).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
