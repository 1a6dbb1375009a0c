package gateway

import "testing"

func TestNextGroup(t *testing.T) {
	zones := []standing{
		{"kitchen", 1, false}, {"living", 3, true}, {"cellar", 4, false}, {"attic", 2, true}, {"bath", 1, true}, {"empty", 0, false},
	}
	now := ""
	for _, want := range []string{"living", "attic", "kitchen", "bath", "", "living"} {
		if got := nextGroup(zones, true, now, ""); got != want {
			t.Fatalf("from %q to %q, want %q", now, got, want)
		}
		now = want
	}
	for _, test := range []struct{ now, from, want string }{
		{"", "cellar", "cellar"},      // back to where another source took it from
		{"kitchen", "cellar", "bath"}, // it has moved since
		{"empty", "", "living"},       // alone in a zone of its own
	} {
		if got := nextGroup(zones, true, test.now, test.from); got != test.want {
			t.Errorf("from %q (taken from %q) to %q, want %q", test.now, test.from, got, test.want)
		}
	}
	if got := nextGroup(zones, false, "bath", ""); got != "living" {
		t.Errorf("a remote is led from the last zone to %q", got) // it is never alone
	}
	if got := nextGroup(nil, false, "bath", ""); got != "bath" {
		t.Errorf("a remote with nowhere to go is led to %q", got)
	}
	if got := nextGroup(nil, true, "", ""); got != "" {
		t.Errorf("with no zones to %q", got)
	}
}
