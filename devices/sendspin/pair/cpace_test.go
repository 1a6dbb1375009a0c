package pair

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"golang.org/x/crypto/curve25519"
)

func vectors(t *testing.T) (group map[string][]byte, points map[string][]byte) {
	t.Helper()
	data, err := os.ReadFile("testdata/cpace-x25519.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Group  map[string]string `json:"G_25519"`
		Points map[string]any    `json:"X25519_points"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	group, points = map[string][]byte{}, map[string][]byte{}
	for k, v := range file.Group {
		group[k], _ = hex.DecodeString(v)
	}
	for k, v := range file.Points {
		if s, ok := v.(string); ok {
			points[k], _ = hex.DecodeString(s)
		}
	}
	return group, points
}

// The draft's own vectors for CPACE-X25519-SHA512.
func TestDraftVectors(t *testing.T) {
	v, points := vectors(t)
	g, err := generator(v["PRS"], v["CI"], v["sid"])
	if err != nil || !bytes.Equal(g, v["g"]) {
		t.Fatalf("generator %x, want %x (%v)", g, v["g"], err)
	}
	a, err := newCPace(v["PRS"], v["CI"], v["sid"], bytes.NewReader(v["ya"]))
	if err != nil || !bytes.Equal(a.share[:], v["Ya"]) {
		t.Fatalf("Ya %x, want %x (%v)", a.share, v["Ya"], err)
	}
	b, err := newCPace(v["PRS"], v["CI"], v["sid"], bytes.NewReader(v["yb"]))
	if err != nil || !bytes.Equal(b.share[:], v["Yb"]) {
		t.Fatalf("Yb %x, want %x (%v)", b.share, v["Yb"], err)
	}
	if k, _ := curve25519.X25519(a.scalar[:], b.share[:]); !bytes.Equal(k, v["K"]) {
		t.Errorf("K %x, want %x", k, v["K"])
	}
	for name, run := range map[string]error{
		"A": a.derive(v["Yb"], v["Ya"], v["ADa"], v["Yb"], v["ADb"]),
		"B": b.derive(v["Ya"], v["Ya"], v["ADa"], v["Yb"], v["ADb"]),
	} {
		if run != nil {
			t.Errorf("%s: %v", name, run)
		}
	}
	if !bytes.Equal(a.isk[:], v["ISK_IR"]) || a.isk != b.isk {
		t.Errorf("ISK %x, want %x", a.isk, v["ISK_IR"])
	}
	invalid := 0
	for name, y := range points {
		if bytes.HasPrefix([]byte(name), []byte("Invalid")) {
			invalid++
			// Five of them are of low order only for who does not clear bit 255.
			trap := y[31]&0x80 != 0
			if err := a.derive(y, v["Ya"], v["ADa"], y, v["ADb"]); errors.Is(err, errShare) == trap {
				t.Errorf("%s %x: %v", name, y, err)
			}
		}
	}
	if invalid != 12 {
		t.Errorf("%d low order points in the vectors", invalid)
	}
}

func TestPrependLen(t *testing.T) {
	for n, prefix := range map[int]string{0: "00", 4: "04", 127: "7f", 128: "8001", 300: "ac02"} {
		if got := hex.EncodeToString(lvCat(make([]byte, n))); got[:len(got)-2*n] != prefix {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
}
