package wire

import (
	"encoding/binary"
	"fmt"
)

// The binary message types of the visualizer role (roles/visualizer/v1.md).
const (
	VisualLoudness byte = 16
	VisualBeat     byte = 17
	VisualPeakFreq byte = 18
	VisualSpectrum byte = 19
	VisualPeak     byte = 20
)

// MaxSpectrumBins is how many bins a spectrum may have.
const MaxSpectrumBins = 256

// VisualizerSupport is the hello's object of the visualizer role.
type VisualizerSupport struct {
	BufferCapacity int `json:"buffer_capacity"` // bytes
}

// Visualizer is what a client wants to be shown, or what a stream carries.
type Visualizer struct {
	Types []string `json:"types"` // "loudness", "beat", "f_peak", "spectrum", "peak"
	// RateMax is frames a second of each periodic type.
	RateMax int `json:"rate_max"`
	// Downbeats is in stream/start only, and only with "beat".
	Downbeats *bool     `json:"tracks_downbeats,omitempty"`
	Spectrum  *Spectrum `json:"spectrum,omitempty"`
}

// Spectrum is how frequencies fall into bins.
type Spectrum struct {
	Bins  int    `json:"n_disp_bins"`
	Scale string `json:"scale"` // "mel", "log" or "lin"
	Min   int    `json:"f_min"` // Hz
	Max   int    `json:"f_max"` // Hz
}

// check refuses what the specification calls an error.
func (v *Visualizer) check() error {
	if len(v.Types) > maxList {
		return fmt.Errorf("%w: visualizer with %d types", ErrMalformed, len(v.Types))
	}
	for _, t := range v.Types {
		if t == "spectrum" && v.Spectrum == nil {
			return fmt.Errorf("%w: a spectrum without its bins", ErrMalformed)
		}
	}
	if v.RateMax < 1 {
		return fmt.Errorf("%w: visualizer rate_max %d", ErrMalformed, v.RateMax)
	}
	if s := v.Spectrum; s != nil && (s.Bins < 1 || s.Min < 0 || s.Max <= s.Min) {
		return fmt.Errorf("%w: spectrum of %d bins, %d-%d Hz", ErrMalformed, s.Bins, s.Min, s.Max)
	}
	return nil
}

// Visual is one visualizer message.
type Visual struct {
	Kind   byte     // VisualLoudness and its like
	At     int64    // when it is shown, server clock, µs
	Values []uint16 // loudness; frequency and amplitude; the bins
	Value  byte     // of a beat (flags) or a peak (strength)
}

// ParseVisual reads a visualizer message.
func ParseVisual(message []byte) (Visual, error) {
	kind, at, data, err := ParseBinary(message)
	if err != nil {
		return Visual{}, err
	}
	v := Visual{Kind: kind, At: at}
	right := false
	switch kind {
	case VisualBeat, VisualPeak:
		if right = len(data) == 1; right {
			v.Value = data[0]
			return v, nil
		}
	case VisualLoudness:
		right = len(data) == 2
	case VisualPeakFreq:
		right = len(data) == 4
	case VisualSpectrum:
		right = len(data) >= 2 && len(data)%2 == 0
	}
	if !right {
		return Visual{}, fmt.Errorf("%w: visualizer message %d of %d bytes", ErrMalformed, kind, len(message))
	}
	for ; len(data) > 0; data = data[2:] {
		v.Values = append(v.Values, binary.BigEndian.Uint16(data))
	}
	return v, nil
}

// AppendVisual appends a visualizer message: its type, when it is shown by the
// server's clock in µs, and values of 16 bits.
func AppendVisual(dst []byte, kind byte, at int64, values ...uint16) []byte {
	dst = AppendHeader(dst, kind, at)
	for _, v := range values {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	return dst
}

// AppendVisualEvent appends a beat (flags) or a peak (strength).
func AppendVisualEvent(dst []byte, kind byte, at int64, value byte) []byte {
	return append(AppendHeader(dst, kind, at), value)
}
