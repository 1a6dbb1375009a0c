package web

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestBundle(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	tests := []struct {
		name  string
		files fstest.MapFS
		want  bool
	}{
		{"only the placeholder", fstest.MapFS{"dist/.placeholder": file("not built")}, false},
		{"nothing at all", fstest.MapFS{}, false},
		{"a page", fstest.MapFS{"dist/.placeholder": file("x"), "dist/index.html": file("<!doctype html>")}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, ok := bundle(tt.files)
			if ok != tt.want {
				t.Fatalf("bundle() = %v, want %v", ok, tt.want)
			}
			if !ok {
				return
			}
			if page, err := fs.ReadFile(root, "index.html"); err != nil || string(page) != "<!doctype html>" {
				t.Errorf("index.html = %q, %v", page, err)
			}
		})
	}
}

// The program compiles with or without the page, and what is embedded is
// either a whole page or none.
func TestEmbedded(t *testing.T) {
	root, ok := Bundle()
	if !ok {
		t.Log("the page was not built; only the placeholder is embedded")
		return
	}
	scripts, err := fs.Glob(root, "assets/*.js")
	if err != nil || len(scripts) == 0 {
		t.Errorf("a page without scripts: %v, %v", scripts, err)
	}
}
