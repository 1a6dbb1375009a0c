package wire

import (
	"os"
	"strings"
	"testing"
)

// What docs/players.md shows of our own role is what goes over the wire, byte for
// byte, in both dialects.
func TestJumpgateAsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/players.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, line := range strings.Split(string(doc), "\n") {
		if strings.HasPrefix(line, `{"type":`) && strings.Contains(line, `"_jumpgate":`) {
			shown[line] = true
		}
	}
	state := ServerState{Jumpgate: &Jumpgate{Commands: []string{"jump", "like", "dislike"}, Rating: "none"}}
	said := []struct {
		kind    Type
		payload any
	}{{TypeServerState, state}}
	for _, command := range []string{"jump", "like", "dislike"} {
		said = append(said, struct {
			kind    Type
			payload any
		}{TypeClientCommand, ClientCommand{Jumpgate: &JumpgateCommand{Command: command}}})
	}
	for _, m := range said {
		for _, d := range []Dialect{Cleartext, Current} {
			text, err := EncodeIn(d, m.kind, m.payload)
			if err != nil {
				t.Fatal(err)
			}
			if !shown[string(text)] {
				t.Errorf("in the %v dialect it is %s, which the document does not show", d, text)
			}
		}
	}
	if len(shown) != len(said) {
		t.Errorf("%d messages are documented, %d checked", len(shown), len(said))
	}
	for line := range shown {
		m, err := Parse([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if m.Type == TypeClientCommand {
			c, err := ParseClientCommand(m)
			if err != nil || c.Jumpgate == nil {
				t.Errorf("%s: %+v, %v", line, c, err)
			}
		}
	}
}
