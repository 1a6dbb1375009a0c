package gateway

import "testing"

func TestNextGroup(t *testing.T) {
	zones := []standing{
		{"kitchen", 1, false}, {"living", 3, true}, {"cellar", 4, false}, {"attic", 2, true}, {"bath", 1, true}, {"empty", 0, false},
	}
	now := ""
	for _, want := range []string{"living", "attic", "kitchen", "bath", "", "living"} {
		if got := nextGroup(zones, now, ""); got != want {
			t.Fatalf("from %q to %q, want %q", now, got, want)
		}
		now = want
	}
	for _, test := range []struct{ now, from, want string }{
		{"", "cellar", "cellar"},      // back to where another source took it from
		{"kitchen", "cellar", "bath"}, // it has moved since
		{"empty", "", "living"},       // alone in a zone of its own
	} {
		if got := nextGroup(zones, test.now, test.from); got != test.want {
			t.Errorf("from %q (taken from %q) to %q, want %q", test.now, test.from, got, test.want)
		}
	}
	if got := nextGroup(nil, "", ""); got != "" {
		t.Errorf("with no zones to %q", got)
	}
}
