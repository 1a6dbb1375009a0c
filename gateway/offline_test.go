package gateway

import (
	"os"
	"path/filepath"
	"testing"
)

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
