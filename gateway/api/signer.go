package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// ErrSignature tells that a media URL was not signed by this gateway for this resource,
// or its time is over.
var ErrSignature = errors.New("api: media URL is not signed for this, or has expired")

// mediaValidity is how long a media URL is good: longer than anybody leaves a
// queue on a device that fetches by itself.
const mediaValidity = 30 * 24 * time.Hour

const (
	expirySize = 4  // hours since the epoch, big endian
	macSize    = 16 // of HMAC-SHA-256, which leaves 128 bits to guess
)

// Signer makes and checks the paths of media URLs,
//
//	/media/SIGNATURE/KIND/ID/FILE
//
// where SIGNATURE binds KIND and ID until its time is over. It stands in the
// path and not in a query, so that what a playlist names relative to itself is
// signed too. A Signer may be used from any goroutine.
type Signer struct {
	key []byte
	now func() time.Time
}

// NewSigner returns a Signer. The key must survive restarts (devices keep
// URLs), have 32 bytes or more, and lie outside the database; now is the wall
// clock.
func NewSigner(key []byte, now func() time.Time) *Signer {
	return &Signer{key: key, now: now}
}

// Path returns the signed path of a resource. file is what its handler calls
// it, "" for a resource that is one file; kind and id hold no slash.
func (s *Signer) Path(kind, id, file string) string {
	// Whole days keep a URL the same for a day, so that caches can hold it.
	day := s.now().Truncate(24 * time.Hour)
	hours := uint32(day.Add(mediaValidity).Unix() / 3600)
	p := "/media/" + s.sign(hours, kind, id) + "/" + kind + "/" + id
	if file != "" {
		p += "/" + file
	}
	return p
}

// Check returns ErrSignature unless signature was made by Path for this kind
// and id and is still good.
func (s *Signer) Check(signature, kind, id string) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || len(raw) != expirySize+macSize {
		return ErrSignature
	}
	hours := binary.BigEndian.Uint32(raw)
	if !hmac.Equal([]byte(s.sign(hours, kind, id)), []byte(signature)) {
		return ErrSignature
	}
	if s.now().Unix() >= int64(hours)*3600 {
		return ErrSignature
	}
	return nil
}

// Open takes a path that Path made apart. It returns ErrSignature for any other.
func (s *Signer) Open(path string) (kind, id, file string, err error) {
	m, ok := parseMediaPath(path)
	if !ok {
		return "", "", "", ErrSignature
	}
	return m.kind, m.id, m.file, s.Check(m.signature, m.kind, m.id)
}

func (s *Signer) sign(hours uint32, kind, id string) string {
	sum := make([]byte, expirySize, expirySize+sha256.Size)
	binary.BigEndian.PutUint32(sum, hours)
	mac := hmac.New(sha256.New, s.key)
	// The label keeps this use of the key apart from others, the zero bytes
	// keep kind and id apart from each other.
	mac.Write([]byte("jumpgate media 1\x00"))
	mac.Write(sum)
	mac.Write([]byte(kind + "\x00" + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(sum)[:expirySize+macSize])
}

// mediaPath is a parsed media URL.
type mediaPath struct{ signature, kind, id, file string }

// parseMediaPath takes a decoded path apart. It refuses whatever a handler
// could misread as another file: empty, "." and ".." segments, backslashes,
// and control characters.
func parseMediaPath(path string) (mediaPath, bool) {
	rest, ok := strings.CutPrefix(path, "/media/")
	if !ok || len(rest) > 1024 {
		return mediaPath{}, false
	}
	for _, c := range []byte(rest) {
		if c < 0x20 || c == 0x7f || c == '\\' {
			return mediaPath{}, false
		}
	}
	parts := strings.SplitN(rest, "/", 4)
	if len(parts) < 3 {
		return mediaPath{}, false
	}
	for _, segment := range strings.Split(rest, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return mediaPath{}, false
		}
	}
	m := mediaPath{signature: parts[0], kind: parts[1], id: parts[2]}
	if len(parts) == 4 {
		m.file = parts[3]
	}
	return m, true
}
