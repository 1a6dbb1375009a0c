package gateway

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// WriteTone makes a WAV file of a tone at -12.2 dBFS, named as untagged files are.
// The tests from outside the package use it too.
func WriteTone(t testing.TB, path string, hertz int, length time.Duration) {
	t.Helper()
	const rate = 44100
	le := binary.LittleEndian
	second := make([]byte, 0, rate*4) // a whole number of periods: the next is the same
	for i := range rate {
		x := uint16(int16(8000 * math.Sin(2*math.Pi*float64(hertz)*float64(i)/rate)))
		second = le.AppendUint16(le.AppendUint16(second, x), x)
	}
	frames := int(length.Seconds() * rate)
	b := append(le.AppendUint32([]byte("RIFF"), uint32(36+frames*4)), "WAVEfmt "...)
	b = le.AppendUint16(le.AppendUint16(le.AppendUint32(b, 16), 1), 2)
	b = le.AppendUint32(le.AppendUint32(b, rate), rate*4)
	b = append(le.AppendUint16(le.AppendUint16(b, 4), 16), "data"...)
	b = le.AppendUint32(b, uint32(frames*4))
	for size := len(b) + frames*4; len(b) < size; {
		b = append(b, second[:min(len(second), size-len(b))]...)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
