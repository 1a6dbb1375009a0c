package terms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// maxRunes bounds the text that is looked at: names are shorter.
const maxRunes = 300

// letters that have no decomposition, but that people type without the stroke.
var plain = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i",
	"ħ", "h", "'", "", "’", "", "‘", "", "`", "", "´", "", "ʼ", "",
)

// Fold returns s as names are compared: one width of letters, lower case, no
// diacritics on alphabetic letters, NFC, single spaces. Katakana becomes
// hiragana. What distinguishes letters in other scripts (voiced kana, Indic
// vowels) stays.
func Fold(s string) string {
	s = cut(strings.ToValidUTF8(s, " "))
	if !ascii(s) {
		s = norm.NFC.String(strings.Map(dropMark, norm.NFD.String(width.Fold.String(s))))
	}
	return strings.Join(strings.Fields(plain.Replace(strings.Map(lower, s))), " ")
}

// Key returns Fold(s) with Hangul taken apart into the keys that type it: a
// name's Key starts with the Key of what a person has typed of it so far.
func Key(s string) string {
	f := Fold(s)
	if ascii(f) {
		return f
	}
	var b strings.Builder
	for _, r := range f {
		writeKeys(&b, r)
	}
	return b.String()
}

func cut(s string) string {
	if len(s) <= maxRunes {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > maxRunes {
			return s[:i]
		}
	}
	return s
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// dropMark removes the combining marks that alphabets use.
func dropMark(r rune) rune {
	if r >= 0x300 && r <= 0x36F {
		return -1
	}
	return r
}

func lower(r rune) rune {
	if r >= 'ァ' && r <= 'ヶ' {
		return r - 'ァ' + 'ぁ'
	}
	if unicode.IsControl(r) {
		return ' '
	}
	return unicode.ToLower(r)
}
