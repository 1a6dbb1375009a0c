//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The page's own scenarios, in real Chromium, on this gateway instead of the
// page's mock: claim, look around, play, JUMP, listen. Screenshots go to
// JUMPGATE_SHOTS, or nowhere that lasts.
func TestPageOnTheRealGateway(t *testing.T) {
	t.Parallel()
	g := demo(t, t.TempDir())
	var code string
	g.await("its setup code", `Setup code: (\d{4}-\d{4})`, patience, func(m []string) { code = m[1] })
	g.await("that the library is composed", `library is composed`, composing, nil)
	shots := os.Getenv("JUMPGATE_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	shots, err := filepath.Abs(shots)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("npm", "run", "--silent", "e2e")
	cmd.Dir = "../../gateway/web"
	cmd.Env = append(os.Environ(), "JUMPGATE_URL="+g.url, "JUMPGATE_CODE="+code, "JUMPGATE_SHOTS="+shots)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the page's scenarios (npm ci in gateway/web, and Debian's chromium): %v", err)
	}
}
