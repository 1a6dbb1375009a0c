package tags

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
)

// latin collects the texts of one tag that are marked as Latin-1, or that have
// no mark at all. What they really are is decided for all of them together:
// short texts alone are ambiguous.
type latin struct {
	raw  [][]byte
	sets []func(string)
}

// add takes one text and what to do with it once it can be read.
func (l *latin) add(raw []byte, set func(string)) {
	l.raw = append(l.raw, raw)
	l.sets = append(l.sets, set)
}

// apply decides and hands out the texts.
func (l *latin) apply() {
	enc := guess(l.raw)
	for i, raw := range l.raw {
		s := string(raw)
		if enc != nil {
			if b, err := enc.NewDecoder().Bytes(raw); err == nil {
				s = string(b)
			}
		}
		l.sets[i](s)
	}
}

// guess returns the encoding of texts that claim to be Latin-1; nil stands for
// UTF-8 and ASCII. The candidates are told apart by what real text in them
// looks like as bytes:
//
//   - Korean (CP949) is almost all pairs in the rows of common Hangul
//     (B0-C8, A1-FE). Two such bytes also occur in Latin-1, as two accented
//     capitals within a word ("CORAÇÃO"): pairs that stand alone between ASCII
//     letters do not count.
//   - Japanese (Shift-JIS) begins its pairs with bytes that are control
//     characters in Latin-1 (81-9F): kana, or kanji with a second byte above 7F.
//     Windows' quotation marks lie there too ("Don’t"), but ASCII follows them.
func guess(texts [][]byte) encoding.Encoding {
	ascii, valid := true, true
	var ko koreanCount
	var ja japaneseCount
	for _, b := range texts {
		for _, c := range b {
			ascii = ascii && c < utf8.RuneSelf
		}
		valid = valid && utf8.Valid(b)
		ko.text(b)
		ja.text(b)
	}
	switch {
	case ascii || valid:
		return nil
	case ko.plausible():
		return korean.EUCKR
	case ja.plausible():
		return japanese.ShiftJIS
	default:
		return charmap.Windows1252
	}
}

// koreanCount counts the pairs of a text read as CP949.
type koreanCount struct {
	invalid bool
	hangul  int // in the rows of common syllables
	between int // of these, alone between ASCII letters
	rare    int // rare syllables and Chinese characters
}

func (k *koreanCount) plausible() bool {
	return !k.invalid && k.hangul > k.between && k.rare*4 <= k.hangul
}

func (k *koreanCount) text(b []byte) {
	for i := 0; i < len(b); i++ {
		lead := b[i]
		if lead < 0x80 {
			continue
		}
		if i+1 == len(b) {
			k.invalid = true
			return
		}
		trail := b[i+1]
		switch {
		case lead >= 0xB0 && lead <= 0xC8 && trail >= 0xA1 && trail <= 0xFE:
			k.hangul++
			if lead >= 0xC0 && alone(b, i) {
				k.between++
			}
		case lead >= 0xA1 && lead <= 0xAF && trail >= 0xA1 && trail <= 0xFE:
			// Signs, neither here nor there.
		case lead >= 0xCA && lead <= 0xFD && trail >= 0xA1 && trail <= 0xFE,
			lead >= 0x81 && lead <= 0xC6 && (isASCIILetter(trail) || trail >= 0x81 && trail <= 0xFE):
			k.rare++
		default:
			k.invalid = true
			return
		}
		i++
	}
}

// alone tells that the pair at i touches an ASCII letter, and no other pair.
func alone(b []byte, i int) bool {
	before := i > 0 && b[i-1] >= 0x80
	after := i+2 < len(b) && b[i+2] >= 0x80
	letter := i > 0 && isASCIILetter(b[i-1]) || i+2 < len(b) && isASCIILetter(b[i+2])
	return letter && !before && !after
}

func isASCIILetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// japaneseCount counts the characters of a text read as Shift-JIS.
type japaneseCount struct {
	invalid  bool
	letters  bool // ASCII ones
	kana     int
	kanji    int // with both bytes above 7F, the first one a control character in Latin-1
	halfkana int
}

func (j *japaneseCount) plausible() bool {
	sure := j.kana > 0 || j.kanji > 1 || j.kanji == 1 && !j.letters
	return !j.invalid && sure && j.halfkana <= j.kana+j.kanji
}

func (j *japaneseCount) text(b []byte) {
	for i := 0; i < len(b); i++ {
		lead := b[i]
		switch {
		case lead < 0x80:
			j.letters = j.letters || isASCIILetter(lead)
			continue
		case lead >= 0xA1 && lead <= 0xDF:
			j.halfkana++
			continue
		}
		if i+1 == len(b) || lead == 0x80 || lead == 0xA0 || lead > 0xFC || b[i+1] < 0x40 || b[i+1] == 0x7F || b[i+1] > 0xFC {
			j.invalid = true
			return
		}
		trail := b[i+1]
		switch {
		case lead == 0x82 && trail >= 0x9F && trail <= 0xF1, lead == 0x83 && trail <= 0x96:
			j.kana++
		case lead >= 0x88 && lead <= 0x9F && trail >= 0x80:
			j.kanji++
		}
		i++
	}
}
