package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A setting that is wrong is told of before anything is shown or made.
func TestAWrongPlayerMakesNothing(t *testing.T) {
	for player, want := range map[string]string{"foo": "auto, meter or the name of a .wav file", filepath.Join(t.TempDir(), "none", "out.wav"): "no such file"} {
		data := filepath.Join(t.TempDir(), "data")
		_, err := New(t.Context(), Config{
			Data: data, Listen: "127.0.0.1:0", Music: []string{t.TempDir()}, Player: player,
			Say: func(format string, _ ...any) { t.Errorf("it says %q", format) },
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", player, err)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: the data folder was made", player)
		}
	}
}

// A data folder that was spelled wrong must not be made, and not be copied as if
// it were the one that was meant.
func TestAFolderThatNoGatewayHasUsed(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "mistyped"), filepath.Join(t.TempDir(), "copy")
	ctx := t.Context()
	_, token := CreateToken(ctx, data, "a script")
	_, accounts := Accounts(ctx, data)
	_, imported := ImportHistory(ctx, data, Import{File: file})
	for what, err := range map[string]error{
		"backup": Backup(ctx, data, file), "export": Export(ctx, data, "", file), "forget": Forget(ctx, data, "Mina"),
		"password": SetPassword(ctx, data, "Mina", "long enough"), "token": token, "accounts": accounts, "import": imported,
	} {
		if err == nil {
			t.Errorf("%s is content", what)
		}
	}
	for _, made := range []string{data, file} {
		if _, err := os.Stat(made); err == nil {
			t.Errorf("%s was made", made)
		}
	}
}
