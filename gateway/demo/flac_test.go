package demo

import (
	"bytes"
	"crypto/md5"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mewkiz/flac"
)

// decode reads a file back with a decoder that is not ours; it checks the
// frames' sums itself.
func decode(t *testing.T, file []byte) (left, right []int32) {
	t.Helper()
	stream, err := flac.New(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	sum := md5.New()
	for {
		fr, err := stream.ParseNext()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("frame: %v", err)
		}
		fr.Hash(sum)
		left = append(left, fr.Subframes[0].Samples...)
		right = append(right, fr.Subframes[1].Samples...)
	}
	if got := sum.Sum(nil); !bytes.Equal(got, stream.Info.MD5sum[:]) {
		t.Errorf("samples hash to %x, STREAMINFO says %x", got, stream.Info.MD5sum)
	}
	if stream.Info.NSamples != uint64(len(left)) {
		t.Errorf("%d samples, STREAMINFO says %d", len(left), stream.Info.NSamples)
	}
	return left, right
}

func TestFLACIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	signals := map[string]func(i int) (l, r int32){
		"silence":    func(int) (int32, int32) { return 0, 0 },
		"offset":     func(int) (int32, int32) { return -32768, 32767 },
		"full noise": func(int) (int32, int32) { return int32(rng.IntN(65536)) - 32768, int32(rng.IntN(65536)) - 32768 },
		"soft noise": func(int) (int32, int32) { return int32(rng.IntN(9)) - 4, int32(rng.IntN(5)) - 2 },
		"square": func(i int) (int32, int32) {
			v := int32(32767)
			if i/50%2 == 0 {
				v = -32768
			}
			return v, -v - 1
		},
		"tones": func(i int) (int32, int32) {
			v := 14000*math.Sin(float64(i)*0.05) + 9000*math.Sin(float64(i)*0.31)
			return int32(v), int32(v*0.8) + int32(rng.IntN(3))
		},
		"one side": func(i int) (int32, int32) { return int32(20000 * math.Sin(float64(i)*0.01)), 0 },
		"impulses": func(i int) (int32, int32) {
			if i%977 == 0 {
				return 32767, -32768
			}
			return 0, 0
		},
	}
	for name, signal := range signals {
		for _, n := range []int{1, 2, 3, 5, 17, 4095, 4096, 4097, 20011} {
			f := flacFile{cover: []byte{0xff}, coverSize: 1, comments: []string{"TITLE=x"}}
			for i := range n {
				l, r := signal(i)
				f.left, f.right = append(f.left, l), append(f.right, r)
			}
			var file bytes.Buffer
			if err := f.writeTo(&file); err != nil {
				t.Fatal(err)
			}
			left, right := decode(t, file.Bytes())
			if !equal(left, f.left) || !equal(right, f.right) {
				t.Errorf("%s, %d samples: not what was written", name, n)
			}
		}
	}
}

func equal(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
