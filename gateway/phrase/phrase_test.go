package phrase_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
)

// Every code that is declared has an English sentence, and one in each other
// language of the page, with the same blanks.
func TestEveryCodeIsSaidInEveryLanguage(t *testing.T) {
	english := phrase.English()
	codes := declared(t)
	if got := slices.Sorted(maps.Keys(english)); !slices.Equal(got, codes) {
		t.Errorf("codes and English sentences differ:\n%v\n%v", codes, got)
	}
	files, err := filepath.Glob("../web/src/i18n/phrases.*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no other language", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var other map[phrase.Code]string
		if err := json.Unmarshal(raw, &other); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for code, sentence := range english {
			if other[code] == "" {
				t.Errorf("%s: %s is missing: %q", file, code, sentence)
			} else if blanks(other[code]) != blanks(sentence) {
				t.Errorf("%s: %s: blanks %s, want %s", file, code, blanks(other[code]), blanks(sentence))
			}
		}
		for code := range other {
			if _, ok := english[code]; !ok {
				t.Errorf("%s: nobody says %s", file, code)
			}
		}
	}
}

// declared reads the codes out of the source: a new one cannot be forgotten.
func declared(t *testing.T) []phrase.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []phrase.Code
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, phrase.Code(text))
		}
		return true
	})
	slices.Sort(codes)
	return codes
}

func blanks(sentence string) string {
	found := regexp.MustCompile(`\{\d\}`).FindAllString(sentence, -1)
	slices.Sort(found)
	return strings.Join(found, " ")
}

func TestPhrases(t *testing.T) {
	gone := fmt.Errorf("open it: %w", &os.PathError{Op: "open", Path: "/m/x", Err: syscall.ENOENT})
	for _, c := range []struct {
		phrase  phrase.Phrase
		english string
		json    string
	}{
		{phrase.Phrase{}, "", `""`},
		{phrase.Verbatim("Kitchen"), "Kitchen", `"Kitchen"`},
		{phrase.New(phrase.NoDevice), "No device in this zone: add one and the music goes on.", `{"code":"zone.no-device","args":[]}`},
		{
			phrase.New(phrase.StoppedMany, 10, phrase.New(phrase.Damaged)), "Stopped: 10 tracks in a row could not be played. The last: its file is damaged",
			`{"code":"zone.stopped-many","args":["10",{"code":"cause.damaged","args":[]}]}`,
		},
		{phrase.New(phrase.Skipped, "{2}", gone), "Skipped “{2}”: no such file or directory", `{"code":"zone.skipped","args":["{2}",{"code":"cause.not-there","args":[]}]}`},
		{phrase.New(phrase.Stopped, errors.New("odd")), "Stopped: odd", `{"code":"zone.stopped","args":["odd"]}`},
	} {
		if got := c.phrase.String(); got != c.english {
			t.Errorf("said %q, want %q", got, c.english)
		}
		raw, err := json.Marshal(c.phrase)
		if err != nil || string(raw) != c.json {
			t.Errorf("%s, want %s, %v", raw, c.json, err)
		}
		var back phrase.Phrase
		if err := json.Unmarshal(raw, &back); err != nil || !back.Same(c.phrase) {
			t.Errorf("read again: %+v, %v", back, err)
		}
		if kept := phrase.Unpack(c.phrase.Pack()); !kept.Same(c.phrase) {
			t.Errorf("kept as %q, read as %+v", c.phrase.Pack(), kept)
		}
	}
}

func TestUnpackWhatOthersWrote(t *testing.T) {
	for text, want := range map[string]string{
		"More by Mira Lund.":                      "More by Mira Lund.", // before phrases were kept
		`{"code":"why.of-tomorrow","args":["x"]}`: "",
		`{"code":`: `{"code":`,
	} {
		if got := phrase.Unpack(text).String(); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}
