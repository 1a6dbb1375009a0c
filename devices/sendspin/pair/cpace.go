package pair

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"

	"filippo.io/edwards25519/field"
	"golang.org/x/crypto/curve25519"
)

// Lengths of what CPace exchanges, in bytes.
const (
	ShareLen = 32
	TagLen   = 64
)

// errShare: the peer's share is no share: of low order, or of another length.
var errShare = errors.New("CPace share of low order or of wrong length")

const cpaceDSI = "CPace255"

// cpace is one side of one run, in the initiator-responder setting with explicit
// mutual confirmation. The field arithmetic is filippo.io/edwards25519's, which
// takes the same time whatever the code is.
type cpace struct {
	sid           []byte
	scalar, share [ShareLen]byte
	isk           [sha512.Size]byte
	mac           [sha512.Size]byte // key of the tags
	peer          []byte            // the peer's share
}

// newCPace begins a run over a password; nil random is crypto/rand. CI is empty
// in Sendspin.
func newCPace(prs, ci, sid []byte, random io.Reader) (*cpace, error) {
	if random == nil {
		random = rand.Reader
	}
	c := &cpace{sid: sid}
	if _, err := io.ReadFull(random, c.scalar[:]); err != nil {
		return nil, fmt.Errorf("draw a scalar: %w", err)
	}
	g, err := generator(prs, ci, sid)
	if err != nil {
		return nil, err
	}
	share, err := curve25519.X25519(c.scalar[:], g)
	if err != nil {
		return nil, fmt.Errorf("CPace share: %w", err)
	}
	c.share = [ShareLen]byte(share)
	return c, nil
}

// generator is calculate_generator for G_X25519 (section 8.2 of the draft).
func generator(prs, ci, sid []byte) ([]byte, error) {
	hash := sha512.Sum512(generatorString(prs, ci, sid))
	u := hash[:32]
	u[31] &= 0x7f // decodeUCoordinate for 255 bits
	e, err := new(field.Element).SetBytes(u)
	if err != nil {
		return nil, fmt.Errorf("CPace generator: %w", err)
	}
	return elligator2(e), nil
}

// generatorString fills the hash's first block with the password and zeroes.
func generatorString(prs, ci, sid []byte) []byte {
	pad := max(0, sha512.BlockSize-1-len(lvCat(prs))-len(lvCat([]byte(cpaceDSI))))
	return lvCat([]byte(cpaceDSI), prs, make([]byte, pad), ci, sid)
}

// elligator2 is RFC 9380's map to Curve25519, its u coordinate (appendix F.3 with
// Z = 2): -A/(1+2r²), or what lies opposite to it, whichever is on the curve.
func elligator2(r *field.Element) []byte {
	a := new(field.Element).Mult32(new(field.Element).One(), 486662)
	v := new(field.Element).Square(r)
	v.Add(v, v)
	v.Add(v, new(field.Element).One())
	v.Invert(v) // 0 becomes 0
	v.Multiply(v, a)
	v.Negate(v)
	// v³ + Av² + v = v(v(v + A) + 1)
	y := new(field.Element).Add(v, a)
	y.Multiply(y, v)
	y.Add(y, new(field.Element).One())
	y.Multiply(y, v)
	_, square := new(field.Element).SqrtRatio(y, new(field.Element).One())
	opposite := new(field.Element).Add(v, a)
	opposite.Negate(opposite)
	return new(field.Element).Select(v, opposite, square).Bytes()
}

// derive takes the peer's share. ya and yb are the initiator's and the
// responder's, in that order, whichever is the peer's.
func (c *cpace) derive(peer, ya, ada, yb, adb []byte) error {
	if len(peer) != ShareLen {
		return errShare
	}
	// X25519 refuses a share that gives the neutral element.
	k, err := curve25519.X25519(c.scalar[:], peer)
	if err != nil {
		return errShare
	}
	isk := sha512.New()
	isk.Write(lvCat([]byte(cpaceDSI+"_ISK"), c.sid, k))
	isk.Write(lvCat(ya, ada))
	isk.Write(lvCat(yb, adb))
	c.isk = [sha512.Size]byte(isk.Sum(nil))
	mac := sha512.New()
	mac.Write([]byte("CPaceMac"))
	mac.Write(c.sid)
	mac.Write(c.isk[:])
	c.mac = [sha512.Size]byte(mac.Sum(nil))
	return nil
}

// tag confirms that whoever sent share knows the key (section 9.4, MCF).
func (c *cpace) tag(share, ad []byte) []byte {
	h := hmac.New(sha512.New, c.mac[:])
	h.Write(lvCat(share, ad))
	return h.Sum(nil)
}

// lvCat joins parts, each with its length before it as LEB128.
func lvCat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		n := len(p)
		for ; n >= 0x80; n >>= 7 {
			out = append(out, byte(n)|0x80)
		}
		out = append(append(out, byte(n)), p...)
	}
	return out
}
