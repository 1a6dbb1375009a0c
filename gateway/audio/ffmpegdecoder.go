package audio

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
)

// ffmpegDecoder reads float samples from an ffmpeg process.
type ffmpegDecoder struct {
	ctx    context.Context
	ffmpeg *FFmpeg
	demux  string
	file   *os.File
	info   Info
	end    int64 // the counted length, -1 if it is an estimate
	rough  bool  // a seek goes by any time stamps

	child *child // nil before the first Read, and that after a seek
	out   *bufio.Reader
	raw   []byte
	at    int64
	skip  int64 // frames to read and drop
	ended error
}

// openFFmpeg starts decoding in a child process.
func openFFmpeg(ctx context.Context, src Source, k kind, f *FFmpeg) (Decoder, error) {
	info, err := probeFFmpeg(ctx, src, k, f)
	if err != nil {
		return nil, err
	}
	file, err := spool(src)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", src.Name, err)
	}
	d := &ffmpegDecoder{ctx: ctx, ffmpeg: f, demux: k.demux, file: file, info: info, end: -1, rough: k.rough}
	if k.counted() {
		d.end = info.Frames
	}
	return d, nil
}

// seekBack is how long before a seek's target ffmpeg starts, so that codecs
// whose frames overlap have settled there.
const seekBack = 1.0

// exactSeek lists the demuxers whose time stamps count samples. With any other
// a seek decodes from the start and drops: slow, but in the right place.
var exactSeek = map[string]bool{
	"mov": true, "ogg": true, "flac": true, "wav": true, "aiff": true, "wv": true, "caf": true, "tta": true, "au": true,
}

// start runs ffmpeg from where Read goes on.
func (d *ffmpegDecoder) start() error {
	frame := d.at
	args := append([]string{"-nostdin", "-threads", "1"}, input(d.demux)...)
	filter := ""
	if sec := float64(frame)/float64(d.info.Rate) - seekBack; sec > 0 && (d.rough || exactSeek[d.demux]) {
		// Time stamps are kept through the seek, and samples before the
		// target are cut off by them.
		args = append(args, "-ss", strconv.FormatFloat(sec, 'f', 6, 64), "-copyts", "-start_at_zero")
		filter = "asettb=1/" + strconv.Itoa(d.info.Rate) + ",atrim=start_pts=" + strconv.FormatInt(frame, 10)
		d.skip = 0
	} else {
		d.skip = frame
	}
	args = append(args, "-i", fdPath, "-map", "0:a:0", "-vn", "-sn", "-dn")
	if filter != "" {
		args = append(args, "-af", filter)
	}
	args = append(args,
		"-ac", strconv.Itoa(d.info.Channels), "-ar", strconv.Itoa(d.info.Rate),
		"-c:a", "pcm_f32le", "-f", "f32le", "pipe:1")
	c, err := startChild(d.ctx, d.ffmpeg.ffmpeg, args, d.file, aDay)
	if err != nil {
		return err
	}
	d.child = c
	if d.out == nil {
		d.out = bufio.NewReaderSize(c.out, 64<<10)
	} else {
		d.out.Reset(c.out)
	}
	return nil
}

func (d *ffmpegDecoder) Info() Info { return d.info }

// Read implements Decoder.
func (d *ffmpegDecoder) Read(dst []float32) (int, error) {
	if d.child == nil && d.ended == nil {
		if err := d.start(); err != nil {
			return 0, err
		}
	}
	if err := d.drop(); err != nil {
		return 0, err
	}
	if d.end >= 0 {
		// ffmpeg leaves the padding of MP4's last frame in.
		dst = dst[:min(int64(len(dst)), max(d.end-d.at, 0)*int64(d.info.Channels))]
		if len(dst) == 0 {
			return 0, io.EOF
		}
	}
	n, err := d.read(dst)
	d.at += int64(n)
	return n, err
}

// drop reads up to a seek's target.
func (d *ffmpegDecoder) drop() error {
	scratch := make([]float32, 0)
	if d.skip > 0 {
		scratch = make([]float32, 4096*d.info.Channels)
	}
	for d.skip > 0 {
		n, err := d.read(scratch[:min(int64(len(scratch)), d.skip*int64(d.info.Channels))])
		if err != nil {
			return err
		}
		d.skip -= int64(n)
	}
	return nil
}

func (d *ffmpegDecoder) read(dst []float32) (int, error) {
	if d.ended != nil {
		return 0, d.ended
	}
	frame := 4 * d.info.Channels
	want := len(dst) / d.info.Channels * frame
	if cap(d.raw) < want {
		d.raw = make([]byte, want)
	}
	n, err := io.ReadFull(d.out, d.raw[:want])
	n -= n % frame
	for i := range n / 4 {
		dst[i] = finite(math.Float32frombits(binary.LittleEndian.Uint32(d.raw[i*4:])))
	}
	if err != nil {
		d.finish(err)
		if n == 0 {
			return 0, d.ended
		}
	}
	return n / frame, nil
}

// finish finds out why the output ended. Damage that ffmpeg could step over
// is no error.
func (d *ffmpegDecoder) finish(err error) {
	c := d.child
	d.child = nil
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.stop()
		d.ended = fmt.Errorf("read from ffmpeg: %w", err)
		return
	}
	if d.ended = c.wait(); d.ended == nil {
		d.ended = io.EOF
	}
}

// SeekFrame implements Decoder: the next Read starts ffmpeg anew.
func (d *ffmpegDecoder) SeekFrame(frame int64) error {
	if frame < 0 {
		return fmt.Errorf("seek to frame %d: before the start", frame)
	}
	if d.file == nil {
		return errClosed
	}
	if d.child != nil {
		d.child.stop()
		d.child = nil
	}
	d.at, d.skip, d.ended = frame, 0, nil
	if d.info.Frames >= 0 && frame >= d.info.Frames {
		d.ended = io.EOF
	}
	return nil
}

// Close kills the process and waits for it.
func (d *ffmpegDecoder) Close() error {
	if d.child != nil {
		d.child.stop()
		d.child = nil
	}
	d.ended = errClosed
	f := d.file
	d.file = nil
	if f == nil {
		return nil
	}
	return f.Close()
}
