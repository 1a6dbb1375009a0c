package gateway

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// tracks gives zones their music: it implements zone.Tracks over the library.
type tracks struct {
	store   *store.Store
	library *library.Library
	ffmpeg  *audio.FFmpeg // nil where there is none
}

// Track implements zone.Tracks.
func (t *tracks) Track(ctx context.Context, id string) (zone.Track, error) {
	row, err := t.store.Track(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return zone.Track{}, fmt.Errorf("%w: %s", zone.ErrNoTrack, id)
	}
	if err != nil {
		return zone.Track{}, err
	}
	return zoneTrack(row), nil
}

func zoneTrack(t store.Track) zone.Track {
	return zone.Track{
		ID: t.ID, Title: t.Title, Artist: t.Artist, ArtistID: t.ArtistID, Album: t.Album, AlbumID: t.AlbumID, Disc: t.Disc, Number: t.Number,
		Duration: t.Duration, Cover: t.Cover, MIME: contentType(t), GainDB: t.GainDB, Peak: t.Peak,
	}
}

// contentType is what the original file is served as.
func contentType(t store.Track) string {
	switch audio.Codec(t.Codec) {
	case audio.FLAC:
		return "audio/flac"
	case audio.MP3:
		return "audio/mpeg"
	case audio.PCM, audio.Opus, audio.Vorbis, audio.AAC, audio.ALAC:
		// These come in several containers.
		if kind, ok := containerTypes[strings.ToLower(filepath.Ext(t.Path))]; ok {
			return kind
		}
		return codecTypes[audio.Codec(t.Codec)]
	default:
		if kind := mime.TypeByExtension(filepath.Ext(t.Path)); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// Content types by container, and by codec where the container is not known.
var (
	containerTypes = map[string]string{
		".aac": "audio/aac", ".aif": "audio/aiff", ".aiff": "audio/aiff", ".webm": "audio/webm", ".wav": "audio/wav",
		".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".m4a": "audio/mp4", ".m4b": "audio/mp4", ".mp4": "audio/mp4",
	}
	codecTypes = map[audio.Codec]string{
		audio.PCM: "audio/wav", audio.Opus: "audio/ogg", audio.Vorbis: "audio/ogg", audio.AAC: "audio/mp4", audio.ALAC: "audio/mp4",
	}
)

// Open implements zone.Tracks.
func (t *tracks) Open(ctx context.Context, id string) (audio.Decoder, error) {
	file, row, err := t.library.Open(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", zone.ErrNoTrack, id)
	}
	if errors.Is(err, library.ErrUnreachable) {
		return nil, library.ErrUnreachable // listeners read this: no paths, no ids
	}
	if errors.Is(err, library.ErrGone) {
		return nil, library.ErrGone
	}
	if err != nil {
		return nil, err
	}
	decoder, err := audio.Open(ctx, audio.Source{R: file, Size: row.Size, Name: filepath.Base(row.Path)}, audio.OpenOptions{FFmpeg: t.ffmpeg})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &openTrack{Decoder: decoder, file: file}, nil
}

// openTrack closes the file with its decoder.
type openTrack struct {
	audio.Decoder
	file interface{ Close() error }
}

// Unwrap says that the decoder's samples are handed out as they are.
func (t *openTrack) Unwrap() audio.Decoder { return t.Decoder }

func (t *openTrack) Close() error { return errors.Join(t.Decoder.Close(), t.file.Close()) }
