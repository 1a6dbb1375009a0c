package gateway

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/jump"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Every reason that the recommender can give is a phrase, with all its names.
func TestEveryReasonIsAPhrase(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "jump/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	english, n := phrase.English(), 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		r := jump.Reason{Code: jump.Code(text), Args: []string{"3", "Fog Lamp"}}
		n++
		p := why(r)
		sentence, ok := english[p.Code]
		if !ok {
			t.Errorf("%s is no phrase", text)
		}
		r.Args = r.Args[:strings.Count(sentence, "{")]
		if got := why(r).String(); got != r.String() {
			t.Errorf("%s: %q, the recommender says %q", text, got, r.String())
		}
		return true
	})
	if n < 12 {
		t.Errorf("found %d reasons", n)
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("decode: %w: bad frame", audio.ErrCorrupt), "its file is damaged"},
		{fmt.Errorf("load: %w", zone.ErrNoTrack), "it is not in the library any more"},
		{&cast.RequestError{Type: "LOAD_FAILED", Code: 311}, "it could not fetch the audio, which a firewall may cause"},
		{&cast.RequestError{Type: "LOAD_FAILED", Code: 104}, "it cannot play this format"},
		{&cast.RequestError{Type: "LAUNCH_ERROR"}, "the device refused (LAUNCH_ERROR)"},
		{fmt.Errorf("dial: %w", syscall.ECONNREFUSED), "connection refused"},
		{errors.New("odd"), "odd"},
	} {
		if got := explain(c.err).String(); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}
