package terms

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Björk": "bjork", "BJO\u0308RK": "bjork", "Ｕ２": "u2", "Don’t Stop": "dont stop", "Straße": "strasse",
		"Ólafur  Arnalds": "olafur arnalds", "ヨル": "よる", "で": "で", "て\u3099": "で",
		"\u1109\u1161\u1105\u1161\u11bc": "사랑", "a\xffb": "a b", "İstanbul": "istanbul", "ﾖﾙ": "よる",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"사랑": "ㅅㅏㄹㅏㅇ", "삶": "ㅅㅏㄹㅁ", "왜": "ㅇㅗㅐ", "ㄳ": "ㄱㅅ", "의": "ㅇㅡㅣ", "Abc": "abc",
	} {
		if got := Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

// matches carries out a query as FTS5 does, on the terms of one name.
func matches(query string, index string) bool {
	for _, p := range strings.Split(query, " AND ") {
		prefix := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(p, `"`), `"*`), `""`, `"`)
		found := false
		for _, term := range strings.Fields(index) {
			found = found || strings.HasPrefix(term, prefix)
		}
		if !found {
			return false
		}
	}
	return true
}

func TestQueryFindsName(t *testing.T) {
	tests := []struct {
		name string
		yes  []string
		no   []string
	}{
		{"사랑", []string{"ㅅ", "사", "살", "사라", "사랑", "ㅅㄹ", "랑", "ㄹ"}, []string{"산", "ㄹㅅ", "사람"}},
		{"사랑스러운 그대", []string{"사랑슬", "사랑스러", "ㅅㄹㅅㄹㅇ", "ㅅㄹㅅㄹㅇㄱㄷ", "그대", "사랑스러운그대", "사랑스러운 ㄱㄷ", "랑스러", "랑스렁"}, []string{"그댁요"}},
		{"값", []string{"갑", "ㄱ", "값"}, []string{"각"}},
		{"봄날", []string{"봄", "봄날", "날", "ㅂㄴ", "보"}, []string{"봉날"}},
		{"夜に駆ける", []string{"夜", "夜に", "夜に駆ける", "駆", "に駆け"}, []string{"夜は"}},
		{"U2", []string{"u", "U2", "ｕ２"}, []string{"u3", "2"}},
		{"AC/DC", []string{"ac", "dc", "acdc", "ac/dc", "AC DC"}, []string{"cdc"}},
		{"R.E.M.", []string{"rem", "r.e.m", "r"}, nil},
		{"Björk Guðmundsdóttir", []string{"bj", "björk", "gudm", "guð bjo"}, []string{"jork"}},
		{"÷", []string{"÷"}, []string{"+"}},
		{`"Heroes"`, []string{`"her`, "heroes"}, nil},
		{"สวัสดี", []string{"ส", "สวัส"}, nil},
		{"Don't Stop Me Now", []string{"dont", "don't", "stop n"}, nil},
		{"읽ㅅ", []string{"ㅇ"}, nil},
		{"감사", []string{"ㄳ"}, nil},
	}
	for _, tt := range tests {
		index := Index(tt.name)
		for _, q := range tt.yes {
			if expr, ok := Query(q); !ok || !matches(expr, index) {
				t.Errorf("%q does not find %q: %s in %s", q, tt.name, expr, index)
			}
		}
		for _, q := range tt.no {
			if expr, _ := Query(q); matches(expr, index) {
				t.Errorf("%q finds %q: %s in %s", q, tt.name, expr, index)
			}
		}
	}
}

func TestQueryOfNothing(t *testing.T) {
	for _, q := range []string{"", "  ", "\x00", "''"} {
		if expr, ok := Query(q); ok {
			t.Errorf("Query(%q) = %q", q, expr)
		}
	}
}

// Every name is found by each prefix of itself.
func FuzzPrefixFinds(f *testing.F) {
	for _, s := range []string{"사랑스러운 그대", "Motörhead", "夜に駆ける", "a/b c", "÷ +", "값ㄳ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		index := Index(name)
		if !utf8.ValidString(index) {
			t.Fatalf("terms of %q are not UTF-8", name)
		}
		folded := []rune(Fold(name))
		if len(folded) > 40 {
			return
		}
		typed := string(folded[:(len(folded)+1)/2])
		// A prefix that has no letter looks for signs, which names that have
		// letters do not keep.
		segs := split(typed)
		for _, s := range segs {
			for _, r := range s.text {
				if classOf(r) == separator || (s.runes != nil && !isSyllable(r)) {
					return
				}
			}
		}
		if expr, ok := Query(typed); ok && !matches(expr, index) {
			t.Fatalf("%q does not find %q: %s in %s", typed, name, expr, index)
		}
	})
}
