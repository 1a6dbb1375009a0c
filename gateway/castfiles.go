package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	filetags "github.com/jumpgate-audio/jumpgate/gateway/library/tags"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
)

// CastFiles serves some files of this machine to one Cast device, for a command
// that plays them. It has an address that the device can reach, and a path that
// nobody can guess.
type CastFiles struct {
	listener net.Listener
	server   *http.Server
	items    []cast.Item
	files    []*castFile
	ffmpeg   *audio.FFmpeg
}

// castFile is one of the files.
type castFile struct {
	file *os.File
	info os.FileInfo
	kind string        // content type, where the device plays it as it is
	wav  *audio.Format // else what it is converted to
}

// ServeCastFiles opens the files and a port. peer is the device; formats what it
// plays as it is. The caller ends it with Close. A file that nothing here can
// play is an error that names it.
func ServeCastFiles(ctx context.Context, peer netip.Addr, formats member.CastFormats, paths []string) (_ *CastFiles, err error) {
	local, err := localAddr(peer)
	if err != nil {
		return nil, fmt.Errorf("find our address as %s sees it: %w", peer, err)
	}
	c := &CastFiles{}
	// Without it what needs it is refused below.
	c.ffmpeg, _ = audio.NewFFmpeg("")
	var l net.ListenConfig
	if c.listener, err = l.Listen(ctx, "tcp", net.JoinHostPort(local.String(), "0")); err != nil {
		return nil, fmt.Errorf("open a port for the device: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	secret := strings.ToLower(rand.Text())
	mux := http.NewServeMux()
	for i, path := range paths {
		f, item, err := c.open(path, formats)
		if err != nil {
			return nil, err
		}
		at := "/" + secret + "/" + strconv.Itoa(i)
		mux.HandleFunc(at, func(w http.ResponseWriter, r *http.Request) { c.serve(f, w, r) })
		item.ID, item.URL = strconv.Itoa(i), "http://"+c.listener.Addr().String()+at
		c.items = append(c.items, item)
	}
	c.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.server.Serve(c.listener) }() // until Close
	return c, nil
}

// Items are the files as the device is told them.
func (c *CastFiles) Items() []cast.Item { return c.items }

// Close ends the port and closes the files.
func (c *CastFiles) Close() error {
	closePort := c.listener.Close
	if c.server != nil {
		closePort = c.server.Close // who is still there is cut off
	}
	err := closePort()
	for _, f := range c.files {
		err = errors.Join(err, f.file.Close())
	}
	return err
}

// open looks at a file.
func (c *CastFiles) open(path string, formats member.CastFormats) (*castFile, cast.Item, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, cast.Item{}, err
	}
	f := &castFile{file: file}
	c.files = append(c.files, f)
	if f.info, err = file.Stat(); err != nil {
		return nil, cast.Item{}, err
	}
	if !f.info.Mode().IsRegular() {
		return nil, cast.Item{}, fmt.Errorf("%s is no file", path)
	}
	info, err := audio.Probe(f.source(), audio.OpenOptions{FFmpeg: c.ffmpeg})
	if err != nil {
		return nil, cast.Item{}, fmt.Errorf("%s cannot be played: %w", path, err)
	}
	source := member.CastSource{
		Codec: info.Codec, Container: strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")),
		Rate: info.Rate, Channels: info.Channels, Bits: info.Bits,
	}
	kind, ok := formats.Plays(source)
	if !ok {
		kind = "audio/wav"
		format := formats.Conversion(source)
		f.wav = &format
	}
	f.kind = kind
	item := cast.Item{ContentType: kind, Title: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	if info.Frames > 0 {
		item.Duration = time.Duration(float64(info.Frames) / float64(info.Rate) * float64(time.Second))
	}
	// Tags that cannot be read leave the file's name.
	if t, err := filetags.Read(file, f.info.Size()); err == nil && t.Title != "" {
		item.Title, item.Artist, item.Album = t.Title, t.Artist, t.Album
	}
	return f, item, nil
}

func (f *castFile) source() audio.Source {
	return audio.Source{R: f.file, Size: f.info.Size(), Name: f.info.Name()}
}

// serve is asked with ranges, by HEAD, and by OPTIONS from the receiver's page.
func (c *CastFiles) serve(f *castFile, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Headers", "Range, Content-Type, Accept-Encoding")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Content-Range, Accept-Ranges")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", f.kind)
	if f.wav == nil {
		// Several requests read at once: each by a reader of its own.
		http.ServeContent(w, r, "", f.info.ModTime(), io.NewSectionReader(f.file, 0, f.info.Size()))
		return
	}
	decoder, err := audio.Open(r.Context(), f.source(), audio.OpenOptions{FFmpeg: c.ffmpeg})
	if err != nil {
		http.Error(w, "the file cannot be read now", http.StatusServiceUnavailable)
		return
	}
	converted, err := newConversion(decoder, *f.wav, 0)
	if err != nil {
		_ = decoder.Close()
		http.Error(w, "the file cannot be converted", http.StatusServiceUnavailable)
		return
	}
	defer func() { _ = converted.close() }()
	http.ServeContent(w, r, "", f.info.ModTime(), converted)
}
