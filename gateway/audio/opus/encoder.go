package opus

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Rate is the sample rate of what is encoded, in Hz.
const Rate = 48000

// FrameSamples is the length of every packet: 20 ms.
const FrameSamples = 960

// Requests and values of opus_encoder_ctl (opus_defines.h).
const (
	ctlBitrate    = 4002
	ctlVBR        = 4006
	ctlComplexity = 4010
	ctlLookahead  = 4027
	ctlReset      = 4028
	appAudio      = 2049
)

// maxPacket bounds a packet, as libopus's documentation recommends.
const maxPacket = 4000

// Config says how to encode.
type Config struct {
	Channels int // 1 or 2
	// Bitrate in bits a second, 6000 to 510000; 0: 80 kbit/s a channel.
	Bitrate int
	// Complexity from 1 (fast) to 10 (best); 0: 5, which takes a quarter of
	// the time of 8 and is not told from it at music's bit rates.
	Complexity int
}

// Encoder encodes packets of FrameSamples. It belongs to one goroutine, and
// must be closed: it holds 16 MiB.
type Encoder struct {
	cfg    Config
	mod    api.Module
	encode api.Function
	ctl    api.Function
	state  uint32 // the OpusEncoder
	args   uint32 // where opus_encoder_ctl finds its variable arguments
	pcm    uint32
	packet uint32
	skip   int
}

// NewEncoder starts an encoder. The first one in a process compiles libopus,
// which takes about a quarter of a second: see Load.
func NewEncoder(cfg Config) (*Encoder, error) {
	if cfg.Bitrate == 0 {
		cfg.Bitrate = 80_000 * cfg.Channels
	}
	if cfg.Complexity == 0 {
		cfg.Complexity = 5
	}
	if cfg.Channels < 1 || cfg.Channels > 2 || cfg.Bitrate < 6000 || cfg.Bitrate > 510_000 || cfg.Complexity < 0 || cfg.Complexity > 10 {
		return nil, fmt.Errorf("opus: cannot encode %d channels at %d bit/s, complexity %d", cfg.Channels, cfg.Bitrate, cfg.Complexity)
	}
	lib, err := load()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	m, err := lib.runtime.InstantiateModule(ctx, lib.module, wazero.NewModuleConfig().WithName("").WithStartFunctions("h"))
	if err != nil {
		return nil, fmt.Errorf("opus: instantiate: %w", err)
	}
	e := &Encoder{cfg: cfg, mod: m, encode: m.ExportedFunction("j"), ctl: m.ExportedFunction("k")}
	if err := e.start(); err != nil {
		_ = m.Close(ctx)
		return nil, err
	}
	return e, nil
}

// call calls an export that returns a 32-bit integer or nothing.
func (e *Encoder) call(fn api.Function, args ...uint64) (v int32, err error) {
	res, err := fn.Call(context.Background(), args...)
	if err != nil {
		return 0, fmt.Errorf("opus: %w", err)
	}
	if len(res) > 0 {
		v = int32(uint32(res[0]))
	}
	return v, nil
}

// start allocates the encoder and its buffers.
func (e *Encoder) start() error {
	sizes := []uint64{16, uint64(FrameSamples * e.cfg.Channels * 4), maxPacket}
	for i, p := range []*uint32{&e.args, &e.pcm, &e.packet} {
		v, err := e.call(e.mod.ExportedFunction("p"), sizes[i])
		if err != nil {
			return err
		}
		if v == 0 {
			return fmt.Errorf("opus: no memory for %d bytes", sizes[i])
		}
		*p = uint32(v)
	}
	state, err := e.call(e.mod.ExportedFunction("i"), Rate, uint64(e.cfg.Channels), appAudio, uint64(e.args))
	if err != nil {
		return err
	}
	if state == 0 {
		return fmt.Errorf("opus: the encoder did not start")
	}
	e.state = uint32(state)
	for _, c := range [][2]int{{ctlVBR, 1}, {ctlBitrate, e.cfg.Bitrate}, {ctlComplexity, e.cfg.Complexity}} {
		if err := e.control(c[0], uint32(c[1])); err != nil {
			return err
		}
	}
	// A get request takes a pointer to where the value goes.
	if err := e.control(ctlLookahead, e.args+8); err != nil {
		return err
	}
	v, _ := e.mod.Memory().ReadUint32Le(e.args + 8)
	e.skip = int(v)
	return nil
}

// control makes an opus_encoder_ctl call with one variable argument.
func (e *Encoder) control(request int, arg uint32) error {
	e.mod.Memory().WriteUint32Le(e.args, arg)
	v, err := e.call(e.ctl, uint64(e.state), uint64(request), uint64(e.args))
	if err == nil && v != 0 {
		err = fmt.Errorf("opus: control %d failed: %d", request, v)
	}
	return err
}

// PreSkip is how many samples (a channel) a decoder must drop at the start.
func (e *Encoder) PreSkip() int { return e.skip }

// Header returns the OpusHead packet (RFC 7845 section 5.1).
func (e *Encoder) Header() []byte {
	h := append([]byte("OpusHead"), 1, byte(e.cfg.Channels))
	h = binary.LittleEndian.AppendUint16(h, uint16(e.skip))
	h = binary.LittleEndian.AppendUint32(h, Rate)
	return append(h, 0, 0, 0) // no output gain, mapping family 0
}

// Encode turns FrameSamples frames of interleaved samples into one packet,
// which belongs to the caller.
func (e *Encoder) Encode(pcm []float32) ([]byte, error) {
	if len(pcm) != FrameSamples*e.cfg.Channels {
		return nil, fmt.Errorf("opus: %d samples are not a packet", len(pcm))
	}
	b, ok := e.mod.Memory().Read(e.pcm, uint32(len(pcm)*4))
	if !ok {
		return nil, fmt.Errorf("opus: encoder is closed")
	}
	for i, x := range pcm {
		binary.LittleEndian.PutUint32(b[i*4:], math.Float32bits(x))
	}
	n, err := e.call(e.encode, uint64(e.state), uint64(e.pcm), FrameSamples, uint64(e.packet), maxPacket)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, fmt.Errorf("opus: encoding failed: %d", n)
	}
	out, _ := e.mod.Memory().Read(e.packet, uint32(n))
	return append([]byte(nil), out...), nil
}

// Reset makes the encoder forget what it has encoded.
func (e *Encoder) Reset() error { return e.control(ctlReset, 0) }

// Close frees the instance.
func (e *Encoder) Close() error { return e.mod.Close(context.Background()) }
