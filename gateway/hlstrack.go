package gateway

import (
	"errors"
	"io"
	"os"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
	"github.com/jumpgate-audio/jumpgate/hls"
)

// hlsTrack shows a demuxed file the way that package hls wants it.
type hlsTrack struct{ container.Track }

// newHLSTrack lets the kernel copy from the file where frames' places are
// places of the file: in Ogg they are not.
func newHLSTrack(track container.Track, file *os.File) hls.Track {
	if f, ok := track.(*container.File); ok && f.ReaderAt == io.ReaderAt(file) {
		return fileTrack{Track: hlsTrack{track}, file: file}
	}
	return hlsTrack{track}
}

// Config implements hls.Track.
func (t hlsTrack) Config() hls.CodecConfig {
	c := t.Track.Config()
	return hls.CodecConfig{
		Codec: c.Codec, Rate: c.Rate, Channels: c.Channels, Bits: c.Bits, Header: c.Header,
		PreSkip: c.PreSkip, Padding: c.Padding,
	}
}

type fileTrack struct {
	hls.Track
	file *os.File
}

var errReplaced = errors.New("another file has taken its place")

// OpenFile implements hls.Opener: the same file, with a position of its own.
func (t fileTrack) OpenFile() (*os.File, error) {
	file, err := os.Open(t.file.Name())
	if err != nil {
		return nil, err
	}
	now, err := file.Stat()
	if err == nil {
		var was os.FileInfo
		if was, err = t.file.Stat(); err == nil && !os.SameFile(now, was) {
			err = errReplaced
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
