package certify

import (
	"strings"
	"testing"
)

// A report says of a player what is known of it, and nothing where nothing is.
func TestReportText(t *testing.T) {
	for want, r := range map[string]Report{
		"S\n127.0.0.1:9\n\nfail     handshake                          no answer\n\n0 passed, 1 failed, 0 not tried\n": {
			Statement: "S", Address: "127.0.0.1:9", Checks: []Check{{Name: "handshake", Result: Fail, Why: "no answer"}},
		},
		"S\nBath at 127.0.0.1:9, cleartext dialect\n\n\n0 passed, 0 failed, 0 not tried\n": {
			Statement: "S", Address: "127.0.0.1:9", Name: "Bath", Dialect: "cleartext",
		},
		"S\nBath at 127.0.0.1:9 (Box 2), encrypted dialect\n\n\n0 passed, 0 failed, 0 not tried\n": {
			Statement: "S", Address: "127.0.0.1:9", Name: "Bath", Product: "Box", Firmware: "2", Dialect: "encrypted",
		},
	} {
		var text strings.Builder
		if err := r.Text(&text); err != nil || text.String() != want {
			t.Errorf("%v\n%q\n%q", err, text.String(), want)
		}
	}
}
