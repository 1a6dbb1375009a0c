package gateway

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// convertedFile is the media kind of a track as WAV, for devices that do not
// play the file itself. WAV, because every byte of it is known to be a certain
// sample before anything is decoded: it has a Content-Length, ranges are exact,
// and a device can seek. Nothing is kept on the disk.
const convertedFile = "converted"

// maxConversions is how many may be read at the same time; the next are told to
// come back (503). One holds a decoder, which rests while its reader does.
const maxConversions = 64

// conversionName is the FILE of a conversion's URL: "48000-16.wav".
func conversionName(f audio.Format) string { return fmt.Sprintf("%d-%d.wav", f.Rate, f.Bits) }

func parseConversion(name string) (audio.Format, bool) {
	name, ok := strings.CutSuffix(name, ".wav")
	rate, bits, cut := strings.Cut(name, "-")
	f := audio.Format{Codec: audio.PCM, Channels: 2}
	var errRate, errBits error
	f.Rate, errRate = strconv.Atoi(rate)
	f.Bits, errBits = strconv.Atoi(bits)
	return f, ok && cut && errRate == nil && errBits == nil && conversionName(f) == name+".wav" && member.CastConversion(f)
}

// serveConverted serves a track as WAV.
func (m *media) serveConverted(w http.ResponseWriter, r *http.Request) {
	format, ok := parseConversion(r.PathValue("file"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	select {
	case m.conversions <- struct{}{}:
		defer func() { <-m.conversions }()
	default:
		w.Header().Set("Retry-After", "2")
		http.Error(w, "too many conversions at once", http.StatusServiceUnavailable)
		return
	}
	row, err := m.store.Track(r.Context(), r.PathValue("id"))
	if err != nil {
		missing(w, err)
		return
	}
	conversion, err := m.convert(r.Context(), row, format)
	if err != nil {
		missing(w, err)
		return
	}
	defer func() { _ = conversion.close() }()
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(w, r, "", row.ModTime, conversion)
}

func (m *media) convert(ctx context.Context, row store.Track, format audio.Format) (*conversion, error) {
	decoder, err := m.tracks.Open(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	conversion, err := newConversion(decoder, format, row.Duration.Seconds())
	if err != nil {
		return nil, errors.Join(err, decoder.Close())
	}
	return conversion, nil
}

// wavHead is the size of a WAV file's header as it is written here.
const wavHead = 44

// maxWAV is the most bytes of samples that fit into a WAV file, whole frames of
// 4 and of 6 bytes.
const maxWAV = (math.MaxUint32 - wavHead) / 12 * 12

// conversion is a track as a WAV file that can be read and sought in; what
// http.ServeContent wants. Its length is what was said before: a file that turns
// out shorter ends in silence, a longer one is cut.
type conversion struct {
	decoder audio.Decoder
	encoder audio.Encoder
	head    []byte
	size    int64 // of the file, header included
	frame   int64 // bytes
	at      int64 // what Read gives next
	moved   bool  // the decoder stands elsewhere
	ended   bool
	left    []byte // coded, from at on
	pcm     []float32
}

// newConversion takes the decoder over unless it fails. seconds is how long the
// track is where the decoder does not know.
func newConversion(decoder audio.Decoder, format audio.Format, seconds float64) (*conversion, error) {
	encoder, err := audio.NewEncoder(format)
	if err != nil {
		return nil, err
	}
	conformed, err := audio.NewConformed(decoder, format.Rate)
	if err != nil {
		return nil, err
	}
	frames := conformed.Info().Frames
	if frames < 0 {
		frames = int64(math.Round(seconds * float64(format.Rate)))
	}
	frame := int64(format.Channels * format.Bits / 8)
	data := min(frames*frame, maxWAV)
	return &conversion{
		decoder: conformed, encoder: encoder, frame: frame, size: wavHead + data,
		head: wavHeader(format, uint32(data)), pcm: make([]float32, 2*4096), //nolint:gosec // at most maxWAV
	}, nil
}

// wavHeader is a canonical RIFF/WAVE header with one "data" chunk of that many
// bytes.
func wavHeader(f audio.Format, data uint32) []byte {
	le := binary.LittleEndian
	align := f.Channels * f.Bits / 8
	b := append(make([]byte, 0, wavHead), "RIFF"...)
	b = le.AppendUint32(b, data+wavHead-8)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1) // integers
	b = le.AppendUint16(b, uint16(f.Channels))
	b = le.AppendUint32(b, uint32(f.Rate))
	b = le.AppendUint32(b, uint32(f.Rate*align))
	b = le.AppendUint16(b, uint16(align))
	b = le.AppendUint16(b, uint16(f.Bits))
	b = append(b, "data"...)
	return le.AppendUint32(b, data)
}

// Seek implements io.Seeker; nothing is decoded for it.
func (c *conversion) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	if offset != c.at {
		c.at, c.moved = offset, true
	}
	return c.at, nil
}

// Read implements io.Reader.
func (c *conversion) Read(p []byte) (int, error) {
	if c.at >= c.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), c.size-c.at)]
	if c.at < wavHead {
		n := copy(p, c.head[c.at:])
		c.at += int64(n)
		return n, nil
	}
	if c.moved {
		if err := c.reposition(); err != nil {
			return 0, err
		}
	}
	for len(c.left) == 0 && !c.ended {
		if err := c.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.left)
	if n == 0 {
		n = len(p)
		clear(p) // silence, up to the length that was announced
	}
	c.left = c.left[min(n, len(c.left)):]
	c.at += int64(n)
	return n, nil
}

// reposition has the decoder give what belongs at c.at.
func (c *conversion) reposition() error {
	c.moved, c.ended, c.left = false, false, nil
	if err := c.encoder.Reset(); err != nil {
		return err
	}
	into := c.at - wavHead
	if err := c.decoder.SeekFrame(into / c.frame); err != nil {
		return err
	}
	for skip := into % c.frame; skip > 0 && !c.ended; {
		if err := c.decode(); err != nil {
			return err
		}
		n := min(skip, int64(len(c.left)))
		c.left, skip = c.left[n:], skip-n
	}
	return nil
}

// decode brings more coded samples, or tells that there are no more.
func (c *conversion) decode() error {
	n, err := c.decoder.Read(c.pcm)
	coded, codeErr := c.encoder.Encode(c.pcm[:2*n])
	if errors.Is(err, io.EOF) {
		c.ended, err = true, nil
		if codeErr == nil {
			coded, codeErr = c.encoder.Flush()
		}
	}
	for _, f := range coded {
		c.left = append(c.left, f.Data...)
	}
	return errors.Join(err, codeErr)
}

func (c *conversion) close() error { return errors.Join(c.encoder.Close(), c.decoder.Close()) }
