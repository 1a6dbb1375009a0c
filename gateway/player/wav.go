package player

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// wavFile writes what was heard to a WAV file, silences included.
type wavFile struct {
	paced
	path string
	f    *os.File
	w    *bufio.Writer
	bits int
	rate int // of the file, 0 before the first Open
	ch   int
	data int64 // bytes of samples

	convert *audio.Resampler // from the stream's rate to the file's; nil where they are the same
	scratch []float32
}

const wavHeader = 44

// NewWAV returns an output that writes a WAV file of integer samples (RIFF,
// WAVE_FORMAT_PCM) in the format of the first stream; later streams of another
// rate are resampled to it. The header is completed on Close.
func NewWAV(path string) Output { return &wavFile{path: path} }

func (o *wavFile) Name() string { return filepath.Base(o.path) }

func (o *wavFile) Open(f Format) error {
	if err := o.paced.Open(f); err != nil {
		return err
	}
	if o.f != nil {
		return o.goOn(f)
	}
	file, err := os.Create(o.path)
	if err != nil {
		return fmt.Errorf("create the WAV file: %w", err)
	}
	o.f, o.w = file, bufio.NewWriterSize(file, 64<<10)
	o.rate, o.ch, o.bits = f.Rate, f.Channels, 24
	if f.Bits == 16 {
		o.bits = 16
	}
	_, err = o.w.Write(o.header())
	return err
}

// goOn prepares for a stream that follows others into the file.
func (o *wavFile) goOn(f Format) (err error) {
	if f.Channels != o.ch {
		return fmt.Errorf("%s is of %d channels: cannot go on with %d", o.path, o.ch, f.Channels)
	}
	o.convert = nil
	if f.Rate != o.rate {
		o.convert, err = audio.NewResampler(f.Rate, o.rate, o.ch)
	}
	return err
}

func (o *wavFile) header() []byte {
	frame := o.ch * o.bits / 8
	size := uint32(min(o.data, math.MaxUint32-wavHeader))
	b := make([]byte, 0, wavHeader)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, size+wavHeader-8)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // WAVE_FORMAT_PCM
	b = binary.LittleEndian.AppendUint16(b, uint16(o.ch))
	b = binary.LittleEndian.AppendUint32(b, uint32(o.rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(o.rate*frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(o.bits))
	b = append(b, "data"...)
	return binary.LittleEndian.AppendUint32(b, size)
}

func (o *wavFile) Heard(pcm []float32) error {
	if o.convert != nil {
		o.scratch = o.convert.Process(o.scratch[:0], pcm)
		pcm = o.scratch
	}
	var scratch [4]byte
	for _, x := range pcm {
		b := appendInt(scratch[:0], x, o.bits)
		if _, err := o.w.Write(b); err != nil {
			return fmt.Errorf("write the WAV file: %w", err)
		}
	}
	o.data += int64(len(pcm) * o.bits / 8)
	return nil
}

// Rest keeps the file: what sounds later goes on in it.
func (*wavFile) Rest() error { return nil }

func (o *wavFile) Close() error {
	if o.f == nil {
		return nil
	}
	err := o.w.Flush()
	if _, e := o.f.Seek(0, io.SeekStart); e == nil {
		_, e = o.f.Write(o.header())
		err = errors.Join(err, e)
	}
	err = errors.Join(err, o.f.Close())
	o.f = nil
	return err
}

// appendInt appends a sample as a little-endian signed integer of 16, 24 or 32
// bits, rounded and limited. Integers that came in as such survive.
func appendInt(dst []byte, x float32, bits int) []byte {
	if x != x { // not a number
		x = 0
	}
	full := float64(int64(1) << (bits - 1))
	v := int32(math.Round(min(max(float64(x)*full, -full), full-1)))
	switch bits {
	case 16:
		return binary.LittleEndian.AppendUint16(dst, uint16(v))
	case 24:
		return append(dst, byte(v), byte(v>>8), byte(v>>16))
	default:
		return binary.LittleEndian.AppendUint32(dst, uint32(v))
	}
}
