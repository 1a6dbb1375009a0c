package tags

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// Texts of one file, and what they were written in: they must come back.
func TestGuess(t *testing.T) {
	latin1, kr, jp, utf8 := charmap.Windows1252, korean.EUCKR, japanese.ShiftJIS, unicode.UTF8
	tests := []struct {
		enc   encoding.Encoding
		texts []string
	}{
		{latin1, []string{"Jóga", "Björk", "Homogenic"}},
		{latin1, []string{"Ágætis byrjun", "Sigur Rós"}},
		{latin1, []string{"Désenchantée", "Mylène Farmer", "L'autre…"}},
		{latin1, []string{"CORAÇÃO VAGABUNDO", "CAETANO VELOSO", "CANÇÃO"}},
		{latin1, []string{"Águas de Março", "Elis & Tom"}},
		{latin1, []string{"¿Qué Será?", "José Feliciano"}},
		{latin1, []string{"Don’t Stop", "“Heroes”", "Rock ’n’ Roll"}},
		{latin1, []string{"HÄÄVALSSI", "YÖ", "Hyvää yötä"}},
		{latin1, []string{"Grüße", "Die Ärzte", "Männer sind Schweine"}},
		{latin1, []string{"La créée", "Née éclairée"}},
		{latin1, []string{"Ænima", "Mötley Crüe", "Motörhead"}},
		{latin1, []string{"Háblame", "Señor", "Años"}},
		{latin1, []string{"Naïve", "Déjà Vu", "Ça plane pour moi"}},
		{latin1, []string{"½ Full", "20°", "© 1999"}},
		{kr, []string{"사랑", "임재범"}},
		{kr, []string{"봄날", "BTS (방탄소년단)", "YOU NEVER WALK ALONE"}},
		{kr, []string{"너"}},
		{kr, []string{"그대 안의 블루", "김현철", "Vol. 2"}},
		{kr, []string{"Love송", "아이유"}},
		{kr, []string{"첫사랑 (Feat. 누구)", "쿨"}},
		{kr, []string{"독창회 1998", "이문세", "옛사랑"}},
		{jp, []string{"夜に駆ける", "YOASOBI"}},
		{jp, []string{"さくら", "森山直太朗"}},
		{jp, []string{"LOVEマシーン", "モーニング娘。"}},
		{jp, []string{"夢"}},
		{jp, []string{"上を向いて歩こう", "坂本九"}},
		{jp, []string{"First Love", "宇多田ヒカル"}},
		{utf8, []string{"Björk", "봄날"}},
		{utf8, []string{"plain ASCII"}},
	}
	for _, tt := range tests {
		var l latin
		var got []string
		for _, s := range tt.texts {
			raw, err := tt.enc.NewEncoder().Bytes([]byte(s))
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			l.add(raw, func(s string) { got = append(got, s) })
		}
		l.apply()
		for i := range got {
			if got[i] != tt.texts[i] {
				t.Errorf("%q comes back as %q", tt.texts[i], got[i])
			}
		}
	}
}
