package hls

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The table of docs/hls.md names each rule of the strict reader, and no other;
// and every test that it sends its readers to.
func TestConformanceTable(t *testing.T) {
	text := func(name string) string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	doc := text("../docs/hls.md")
	_, table, _ := strings.Cut(doc, "## Which rule is tested where")
	rules := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:breaksRule|float|integer|quoted|before)\("([a-z0-9-]+)"`).FindAllStringSubmatch(text("strict_test.go"), -1) {
		rules[m[1]] = true
		if !strings.Contains(table, "`"+m[1]+"`") {
			t.Errorf("docs/hls.md does not name %s", m[1])
		}
	}
	byRules, _, _ := strings.Cut(table, "What is not about one playlist")
	for _, m := range regexp.MustCompile("`([a-z0-9]+-[a-z0-9-]+)`").FindAllStringSubmatch(byRules, -1) {
		if !rules[m[1]] {
			t.Errorf("docs/hls.md names %s, which is no rule", m[1])
		}
	}
	var tests strings.Builder
	for _, folder := range []string{".", "../gateway", "../gateway/api", "../gateway/audio", "../gateway/listen", "../gateway/member", "../cmd/jumpgate"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") {
				tests.WriteString(text(folder + "/" + e.Name()))
			}
		}
	}
	for _, m := range regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(doc, -1) {
		if !strings.Contains(tests.String(), "func "+m[1]+"(") {
			t.Errorf("docs/hls.md sends to %s, which is no test", m[1])
		}
	}
}
