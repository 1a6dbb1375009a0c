package jump

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// What SetSound takes: so many features of one version. They are those of
// audio/sound; here only the places of those in soundWords have a meaning.
const (
	SoundVersion = 1
	SoundSize    = 32
)

// ErrSound says that some features are not what a track sounds like.
var ErrSound = errors.New("jump: not the features of a sound")

// Bounds on what is known by sound.
const (
	leastSounds = 3   // of fewer no spread can be told
	mostSpread  = 3.0 // standard deviations; what lies further counts as that
)

// sounds are what the tracks sound like: each feature scaled by its mean and
// spread in this library, the row then made a unit vector.
type sounds struct {
	row  []int32   // slot -> row in raw, -1 or beyond the end for none
	raw  []float32 // row * SoundSize, as given
	slot []int32   // by row, -1 for one that is free
	free []int32   // rows
	n    int

	sum, squares [SoundSize]float64
	mean, scale  [SoundSize]float32 // as of the last settling,
	settled      int                // which was for so many sounds
	changes      int                // since
	unit         vectors

	cells cells
	late  []int32 // slots that changed since Training copied them
}

// SetSound tells what an item sounds like: SoundSize features of version
// SoundVersion. Without features it is forgotten. What an item sounds like is
// kept when the item goes, in case that it comes back. Errors: ErrSound,
// wrapped, when the version or the length is another one or a feature is not
// finite; what was known before then stays.
func (e *Engine) SetSound(id string, version int, features []float32) error {
	if id == "" {
		return fmt.Errorf("%w: no item is named", ErrSound)
	}
	if len(features) == 0 {
		if s, ok := e.slots[id]; ok {
			e.sounds.drop(s)
		}
		return nil
	}
	if version != SoundVersion {
		return fmt.Errorf("%w: those of %s are of version %d, not %d", ErrSound, id, version, SoundVersion)
	}
	if len(features) != SoundSize {
		return fmt.Errorf("%w: %s has %d, not %d", ErrSound, id, len(features), SoundSize)
	}
	for i, v := range features {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%w: number %d of %s is not finite", ErrSound, i, id)
		}
	}
	s := e.slot(id)
	if !slices.Equal(e.sounds.at(s), features) {
		e.sounds.set(s, features)
	}
	return nil
}

// at returns the features of a slot as given, nil for none.
func (s *sounds) at(slot int32) []float32 {
	if int(slot) >= len(s.row) || s.row[slot] < 0 {
		return nil
	}
	r := int(s.row[slot])
	return s.raw[r*SoundSize : (r+1)*SoundSize]
}

func (s *sounds) set(slot int32, features []float32) {
	s.drop(slot)
	for int(slot) >= len(s.row) {
		s.row = append(s.row, -1)
	}
	r := int32(len(s.slot))
	if n := len(s.free); n > 0 {
		r, s.free = s.free[n-1], s.free[:n-1]
		s.slot[r] = slot
		copy(s.raw[int(r)*SoundSize:], features)
	} else {
		s.slot = append(s.slot, slot)
		s.raw = append(s.raw, features...)
	}
	s.row[slot] = r
	s.count(features, 1)
	s.late = append(s.late, slot)
	if s.settled > 0 {
		s.place(slot)
		s.cells.put(slot, &s.unit)
	}
}

func (s *sounds) drop(slot int32) {
	x := s.at(slot)
	if x == nil {
		return
	}
	s.count(x, -1)
	r := s.row[slot]
	s.row[slot], s.slot[r] = -1, -1
	s.free = append(s.free, r)
	s.unit.drop(slot)
	s.cells.take(slot)
	s.late = append(s.late, slot)
}

// count keeps the sums by which features are scaled.
func (s *sounds) count(features []float32, sign int) {
	s.n += sign
	s.changes++
	for i, v := range features {
		s.sum[i] += float64(sign) * float64(v)
		s.squares[i] += float64(sign) * float64(v) * float64(v)
	}
}

// settle scales every sound anew when an eighth of them changed since that was
// done last, and tells whether there are enough to say anything.
func (s *sounds) settle() bool {
	if s.n < leastSounds {
		return false
	}
	if s.settled > 0 && s.changes*8 < s.settled {
		return true
	}
	n := float64(s.n)
	for i := range s.mean {
		mean := s.sum[i] / n
		spread := math.Sqrt(max(0, s.squares[i]/n-mean*mean))
		s.mean[i], s.scale[i] = float32(mean), 0
		if spread > 1e-6*(1+math.Abs(mean)) { // else it is the same for all
			s.scale[i] = float32(1 / spread)
		}
	}
	s.settled, s.changes = s.n, 0
	s.unit = newVectors(SoundSize, len(s.row))
	s.unit.dense = true
	for _, slot := range s.slot {
		if slot >= 0 {
			s.place(slot)
		}
	}
	s.cells.renew(&s.unit)
	return true
}

// place scales one sound.
func (s *sounds) place(slot int32) {
	var x [SoundSize]float32
	for i, v := range s.at(slot) {
		x[i] = min(mostSpread, max(-mostSpread, (v-s.mean[i])*s.scale[i]))
	}
	s.unit.set(slot, x[:])
}
