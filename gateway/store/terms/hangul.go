package terms

import "strings"

// Hangul syllables are laid out by arithmetic: Unicode chapter 3.12. The
// letters are written as compatibility jamo (U+3131 to U+3163), which is what
// a keyboard gives for a letter that is not yet part of a syllable. Letters
// that are typed with two keys are taken apart.
const (
	hangulBase, hangulLast = 0xAC00, 0xD7A3
	vowelCount, finalCount = 21, 28
)

var (
	initials = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
	vowels   = strings.Fields("ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ")
	finals   = strings.Fields("ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ")
)

func isSyllable(r rune) bool { return r >= hangulBase && r <= hangulLast }

// isConsonant tells a consonant that stands alone, as typed.
func isConsonant(r rune) bool { return r >= 'ㄱ' && r <= 'ㅎ' }

// initial returns the first consonant of a syllable.
func initial(r rune) rune {
	return initials[(r-hangulBase)/(vowelCount*finalCount)]
}

// writeKeys appends the keys that type r; anything but Hangul types itself.
func writeKeys(b *strings.Builder, r rune) {
	if !isSyllable(r) {
		b.WriteString(keysOfLetter(r))
		return
	}
	n := int(r - hangulBase)
	b.WriteRune(initials[n/(vowelCount*finalCount)])
	b.WriteString(vowels[n/finalCount%vowelCount])
	if f := n % finalCount; f > 0 {
		b.WriteString(finals[f-1])
	}
}

// keysOfLetter takes apart the letters that an input method joins while only
// consonants or only vowels are typed (ㄱ and ㅅ become ㄳ).
func keysOfLetter(r rune) string {
	switch r {
	case 'ㄳ':
		return "ㄱㅅ"
	case 'ㄵ':
		return "ㄴㅈ"
	case 'ㄶ':
		return "ㄴㅎ"
	case 'ㄺ':
		return "ㄹㄱ"
	case 'ㄻ':
		return "ㄹㅁ"
	case 'ㄼ':
		return "ㄹㅂ"
	case 'ㄽ':
		return "ㄹㅅ"
	case 'ㄾ':
		return "ㄹㅌ"
	case 'ㄿ':
		return "ㄹㅍ"
	case 'ㅀ':
		return "ㄹㅎ"
	case 'ㅄ':
		return "ㅂㅅ"
	case 'ㅘ', 'ㅙ', 'ㅚ':
		return "ㅗ" + []string{"ㅏ", "ㅐ", "ㅣ"}[r-'ㅘ']
	case 'ㅝ', 'ㅞ', 'ㅟ':
		return "ㅜ" + []string{"ㅓ", "ㅔ", "ㅣ"}[r-'ㅝ']
	case 'ㅢ':
		return "ㅡㅣ"
	}
	return string(r)
}
