package terms

import (
	"strings"
	"unicode"
)

const (
	// window is how many characters of a script without spaces make a term.
	window = 3
	// consonants is how many initial consonants make a term.
	consonants = 8
	// maxQueryTerms bounds what one query asks for.
	maxQueryTerms = 8
)

// Index returns the terms of the given names, separated by spaces: the index
// must cut its text there and nowhere else, also not at signs.
func Index(names ...string) string {
	var out []string
	seen := map[string]bool{}
	add := func(t string) {
		if t != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, name := range names {
		segs := split(Fold(name))
		indexWords(segs, add)
		indexCharacters(segs, add)
	}
	return strings.Join(out, " ")
}

// Query returns an FTS5 MATCH expression for what was typed, and false when
// there is nothing to look for in it.
func Query(typed string) (string, bool) {
	var parts []string
	for _, s := range split(Fold(typed)) {
		for _, t := range s.queryTerms() {
			if len(parts) < maxQueryTerms {
				parts = append(parts, `"`+strings.ReplaceAll(t, `"`, `""`)+`"*`)
			}
		}
	}
	return strings.Join(parts, " AND "), len(parts) > 0
}

// segment is a piece of text of one kind.
type segment struct {
	text  string
	runes []rune // set for scripts that are cut by character
	chunk int    // pieces with equal numbers had no space between them
}

// class says how a character is cut.
type class int

const (
	separator class = iota
	letter          // of a script that is written in words
	character       // of a script that is cut by character
)

func classOf(r rune) class {
	switch {
	case isSyllable(r), r >= 'ㄱ' && r <= 'ㆎ', r == 'ー', r == '々', r == '〇',
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo):
		return character
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
		return letter
	}
	return separator
}

// split cuts folded text into segments. Text without a single letter (a song
// called "÷") is cut at its spaces, signs included.
func split(folded string) []segment {
	var segs []segment
	for i, chunk := range strings.Fields(folded) {
		start, cur := 0, separator
		flush := func(end int) {
			if cur != separator && end > start {
				s := segment{text: chunk[start:end], chunk: i}
				if cur == character {
					s.runes = []rune(s.text)
				}
				segs = append(segs, s)
			}
			start = end
		}
		for j, r := range chunk {
			if c := classOf(r); c != cur {
				flush(j)
				cur = c
			}
		}
		flush(len(chunk))
	}
	if len(segs) == 0 {
		for i, chunk := range strings.Fields(folded) {
			segs = append(segs, segment{text: chunk, chunk: i})
		}
	}
	return segs
}

// indexWords adds each word, and words that only signs separated also as one:
// AC/DC is found by "ac", "dc" and "acdc".
func indexWords(segs []segment, add func(string)) {
	joined, parts := "", 0
	for i, s := range segs {
		if i > 0 && segs[i-1].chunk != s.chunk {
			joined, parts = "", 0
		}
		if s.runes != nil {
			continue
		}
		add(s.text)
		joined += s.text
		if parts++; parts > 1 {
			add(joined)
		}
	}
}

// indexCharacters adds, from every character on, the characters that follow,
// across spaces: where to put spaces is a matter of taste in these scripts.
func indexCharacters(segs []segment, add func(string)) {
	var all []rune
	for _, s := range segs {
		all = append(all, s.runes...)
	}
	for i := range all {
		add(keysFrom(all[i:]))
	}
	for i := 0; i < len(all); i++ {
		if isSyllable(all[i]) {
			add(initialsFrom(all[i:]))
		}
	}
}

// keysFrom returns the keys of the first characters of rs, and the first key of
// the one after them: while a syllable is being typed, its last consonant may
// turn out to begin the next one.
func keysFrom(rs []rune) string {
	var b strings.Builder
	for i := 0; i < len(rs) && i < window; i++ {
		writeKeys(&b, rs[i])
	}
	if len(rs) > window && isSyllable(rs[window]) {
		b.WriteRune(initial(rs[window]))
	}
	return b.String()
}

func initialsFrom(rs []rune) string {
	var b strings.Builder
	for i := 0; i < len(rs) && i < consonants && isSyllable(rs[i]); i++ {
		b.WriteRune(initial(rs[i]))
	}
	return b.String()
}

// queryTerms returns the prefixes that a name must have, all of them.
func (s segment) queryTerms() []string {
	if s.runes == nil {
		return []string{s.text}
	}
	if onlyConsonants(s.runes) {
		keys := []rune(Key(s.text))
		return []string{string(keys[:min(len(keys), consonants)])}
	}
	if len(s.runes) <= window {
		return []string{Key(s.text)}
	}
	var out []string
	for i := 0; i+window <= len(s.runes); i++ {
		out = append(out, keysFrom(s.runes[i:]))
	}
	return out
}

func onlyConsonants(rs []rune) bool {
	for _, r := range rs {
		if !isConsonant(r) {
			return false
		}
	}
	return true
}
