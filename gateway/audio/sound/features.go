package sound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Version numbers the meaning of a vector. It changes whenever the same samples
// would give other numbers, so that kept vectors can be told to be out of date.
const Version = 1

// The places of the numbers in a vector.
const (
	Loudness       = iota // mean level of what is not silence, dB of full scale
	Dynamics              // spread of the level, dB
	Quiet                 // share of frames below the mean power, 0 to 1
	Brightness            // mean spectral centroid, octaves above 1 Hz
	BrightnessMove        // spread of the centroid, octaves
	Rolloff               // below it lie 85 % of the power, octaves above 1 Hz
	Noisiness             // mean spectral flatness, ln: 0 is white noise
	Flux                  // mean rise of the mel bands from frame to frame, ln
	Tempo                 // beats a minute, log2
	Pulse                 // how clear the beat is, 0 to 1
	Onsets                // new sounds a second
	KeyClarity            // correlation with the best fitting key, -1 to 1
	Mode                  // best major fit less best minor fit
	Harmony               // mean change of the chroma over half a second, 0 to 1
	timbre                // mean cepstral coefficients 1 to coefficients
)

// coefficients is how many cepstral coefficients are kept.
const coefficients = 18

// Size is how many numbers a vector has.
const Size = timbre + coefficients

// Features is what a track sounds like: see the constants for what stands
// where. All numbers are finite.
type Features [Size]float32

// Errors that callers test for.
var (
	// ErrSilent: there was nothing to hear, or less than a second of it.
	ErrSilent = errors.New("sound: too little to hear")
	// ErrVector: these bytes are no vector of this version.
	ErrVector = errors.New("sound: not a vector")
)

// Append appends the vector to b: Size float32, little-endian.
func (f *Features) Append(b []byte) []byte {
	for _, v := range f {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// Parse reads what Append wrote. Errors: ErrVector, wrapped.
func Parse(b []byte) (Features, error) {
	var f Features
	if len(b) != 4*Size {
		return f, fmt.Errorf("%w: %d bytes, not %d", ErrVector, len(b), 4*Size)
	}
	for i := range f {
		f[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v := float64(f[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return Features{}, fmt.Errorf("%w: number %d is not finite", ErrVector, i)
		}
	}
	return f, nil
}
