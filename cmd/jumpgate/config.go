package main

import (
	"fmt"
	"os"
	"reflect"

	"github.com/BurntSushi/toml"
)

type configCommand struct {
	settings
	Music []string `help:"A music folder; may be given several times." env:"JUMPGATE_MUSIC" placeholder:"DIR" type:"path"`
}

// Run prints what is in force as a settings file that could be used again.
func (c configCommand) Run() error {
	values := map[string]any{}
	eachSetting(reflect.ValueOf(c), func(name string, value reflect.Value) { values[name] = value.Interface() })
	if err := toml.NewEncoder(os.Stdout).Encode(values); err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	return nil
}
