package store

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/store/terms"
)

// ArtistID returns the id of an artist: one for every way to write the name
// that differs only in case, width or diacritics. Nobody has no id.
func ArtistID(name string) string {
	return derivedID("artist", terms.Fold(name))
}

// AlbumID returns the id of an album: by its title and its album artist, or
// where no album artist is tagged by its title and the folder that it lies in,
// so that a compilation stays in one piece.
func AlbumID(title, albumArtist, folder string) string {
	title = terms.Fold(title)
	switch {
	case title == "":
		return ""
	case albumArtist != "":
		return derivedID("album", terms.Fold(albumArtist), title)
	default:
		return derivedID("folder", folder, title)
	}
}

func derivedID(kind string, parts ...string) string {
	if parts[len(parts)-1] == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}
