package jump

import "strings"

// texts keep many short strings side by side in a few pieces of memory: half a
// million that have each their own are as many for the garbage collector to find.
type texts struct{ piece *strings.Builder }

const (
	textPiece = 1 << 16 // bytes
	longText  = 1 << 10 // has a piece of its own
)

// keep returns an equal string, which stays as long as any of its piece.
func (t *texts) keep(s string) string {
	if s == "" || len(s) > longText {
		return strings.Clone(s)
	}
	if t.piece == nil || t.piece.Cap()-t.piece.Len() < len(s) {
		t.piece = &strings.Builder{}
		t.piece.Grow(textPiece)
	}
	from := t.piece.Len()
	t.piece.WriteString(s)
	return t.piece.String()[from:]
}
