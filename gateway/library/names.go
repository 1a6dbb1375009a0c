package library

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// named is what the place of a file in its folders says about it.
type named struct {
	Title, Artist, Album string
	Disc, Number         int
}

var (
	// "03 - ", "03. ", "03_", "03 ", and with a disc "1-03 ", "2.07 - ".
	leadingNumber = regexp.MustCompile(`^(?:(\d)[-.])?(\d{1,3})(?:\s*[-.)_]\s*|\s+)`)
	// "CD 1", "Disc2", "disk_03".
	discFolder = regexp.MustCompile(`(?i)^(?:cd|dis[ck])[\s_.-]*(\d{1,2})\b`)
	// "1999 - Album", "Album (1999)", "Album [FLAC]": not part of the title.
	leadingYear   = regexp.MustCompile(`^[(\[]?(?:19|20)\d\d[)\]]?\s*[-.]\s*`)
	trailingNotes = regexp.MustCompile(`(?i)\s*[(\[](?:(?:19|20)\d\d|flac|mp3|320|v0|web|cd)[)\]]\s*$`)
)

// fromName reads a path within a music folder: "Artist/Album/03 - Title.flac",
// "Artist - Album/03 - Artist - Title.flac" and their likes.
func fromName(rel string) named {
	// macOS hands out names taken apart.
	rel = path.Clean(norm.NFC.String(strings.ToValidUTF8(rel, "\uFFFD")))
	var n named
	base := strings.TrimSuffix(path.Base(rel), path.Ext(rel))
	if !strings.Contains(base, " ") {
		base = strings.ReplaceAll(base, "_", " ")
	}
	n.Title = strings.TrimSpace(base)
	if m := leadingNumber.FindStringSubmatch(base); m != nil && len(m[0]) < len(base) {
		n.Disc, _ = strconv.Atoi(m[1])
		n.Number, _ = strconv.Atoi(m[2])
		n.Title = strings.TrimSpace(base[len(m[0]):])
	}
	if artist, title, ok := strings.Cut(n.Title, " - "); ok && artist != "" && title != "" {
		n.Artist, n.Title = strings.TrimSpace(artist), strings.TrimSpace(title)
	}
	n.fromFolders(path.Dir(rel))
	return n
}

func (n *named) fromFolders(dir string) {
	dir, disc := albumFolder(dir)
	if n.Disc == 0 {
		n.Disc = disc
	}
	if dir == "." {
		return
	}
	album := leadingYear.ReplaceAllString(path.Base(dir), "")
	for trailingNotes.MatchString(album) {
		album = trailingNotes.ReplaceAllString(album, "")
	}
	n.Album = strings.TrimSpace(album)
	if artist, title, ok := strings.Cut(n.Album, " - "); ok && artist != "" && title != "" {
		n.Album = leadingYear.ReplaceAllString(strings.TrimSpace(title), "")
		n.orArtist(artist)
	} else if up := path.Dir(dir); up != "." {
		n.orArtist(path.Base(up))
	}
	if n.Album == "" {
		n.Album = path.Base(dir)
	}
}

func (n *named) orArtist(name string) {
	if n.Artist == "" {
		n.Artist = strings.TrimSpace(name)
	}
}

// albumFolder returns the folder of the album that a folder belongs to, which
// is the one above for the folders of its discs, and the disc's number.
func albumFolder(dir string) (folder string, disc int) {
	if m := discFolder.FindStringSubmatch(path.Base(dir)); m != nil && path.Dir(dir) != "." {
		disc, _ = strconv.Atoi(m[1])
		return path.Dir(dir), disc
	}
	return dir, 0
}
