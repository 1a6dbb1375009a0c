package jump

import (
	"strings"
	"testing"
)

func TestReasonsAreSentences(t *testing.T) {
	args := map[Code][]string{
		ReasonContext: {"Evening"}, ReasonPlaylist: {"Fog Lamp"}, ReasonSession: {"Fog Lamp"}, ReasonAlbum: {"Tides", "Fog Lamp"},
		ReasonArtist: {"Mira Lund"}, ReasonTags: {"Ambient, Calm"}, ReasonTaste: {"Jazz"}, ReasonPlayed: {"3"}, ReasonSound: {"Fog Lamp"},
		ReasonFavourite: nil, ReasonForgotten: nil, ReasonHome: nil, ReasonNew: nil,
	}
	if len(args) != len(english) {
		t.Errorf("%d codes, %d sentences", len(args), len(english))
	}
	for code, a := range args {
		s := Reason{Code: code, Args: a}.String()
		if s == "" || strings.Contains(s, "%") || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", code, s)
		}
		for _, x := range a {
			if !strings.Contains(s, x) {
				t.Errorf("%s: %q does not name %q", code, s, x)
			}
		}
	}
}
