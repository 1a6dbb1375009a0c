package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// dataFolder is the setting that every command shares.
type dataFolder struct {
	Data string `help:"Folder that holds everything Jumpgate keeps." env:"JUMPGATE_DATA" default:"${data}" placeholder:"DIR" type:"path"`
}

// settings are what a running gateway can be told. The TOML file uses the
// same names as the flags; an unknown one is an error.
type settings struct {
	dataFolder
	Listen    string        `help:"Address to serve on: HTTP, HTTPS and HTTP/3 on one port." env:"JUMPGATE_LISTEN" default:":4600" placeholder:"HOST:PORT"`
	Name      string        `help:"What this gateway is called on the network." env:"JUMPGATE_NAME" default:"Jumpgate"`
	Advertise string        `help:"Address that devices are told, where it can't be seen from inside (containers)." env:"JUMPGATE_ADVERTISE" placeholder:"ADDR"`
	Hosts     []string      `help:"Further host names that this gateway answers to." env:"JUMPGATE_HOSTS" placeholder:"NAME"`
	TLSCert   string        `help:"Certificate of one's own, PEM." name:"tls-cert" env:"JUMPGATE_TLS_CERT" placeholder:"FILE" type:"path"`
	TLSKey    string        `help:"Its key, PEM." name:"tls-key" env:"JUMPGATE_TLS_KEY" placeholder:"FILE" type:"path"`
	Player    string        `help:"The built-in player: the sound card, a level meter, a WAV file, or none." env:"JUMPGATE_PLAYER" default:"auto" placeholder:"auto|meter|off|FILE.wav"`
	Autoplay  bool          `help:"Play as soon as there is music, when the gateway is new." env:"JUMPGATE_AUTOPLAY" default:"true" negatable:""`
	Look      time.Duration `help:"How often the music folders are looked through for changes; 0: only when asked in the page." env:"JUMPGATE_LOOK" default:"15s" placeholder:"TIME"`
	Discovery bool          `help:"Find devices by mDNS and announce this gateway." env:"JUMPGATE_DISCOVERY" default:"true" negatable:""`
	FFmpeg    string        `help:"The ffmpeg to decode AAC, ALAC and Vorbis with; found in PATH by itself." name:"ffmpeg" env:"JUMPGATE_FFMPEG" placeholder:"FILE"`
	LogLevel  string        `help:"How much to say: debug, info, warn or error." name:"log-level" env:"JUMPGATE_LOG_LEVEL" default:"info" enum:"debug,info,warn,error"`
}

// Validate refuses what no flag's type does.
func (s settings) Validate() error {
	if s.Look < 0 {
		return fmt.Errorf("--look %s: want a time, as 15s or 1h, or 0 for only when asked", s.Look)
	}
	return nil
}

// defaultData is where a gateway keeps things when it is not told: the
// user's data folder by the XDG base directory specification.
func defaultData() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "jumpgate")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "jumpgate-data"
	}
	return filepath.Join(home, ".local", "share", "jumpgate")
}

// fileSettings answers for flags that were not given, from a TOML file.
type fileSettings map[string]any

// loadSettings reads a TOML file for kong.
func loadSettings(r io.Reader) (kong.Resolver, error) {
	values := fileSettings{}
	if _, err := toml.NewDecoder(r).Decode(&values); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return values, nil
}

// Validate refuses keys that no setting has.
func (f fileSettings) Validate(*kong.Application) error {
	known := map[string]bool{}
	for _, name := range settingNames() {
		known[name] = true
	}
	var unknown []string
	for key := range f {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Strings(unknown)
	return fmt.Errorf("settings file: unknown key %q; known are %s",
		strings.Join(unknown, `", "`), strings.Join(settingNames(), ", "))
}

// Resolve leaves a flag alone where the environment has a word on it: the
// environment goes before the file.
func (f fileSettings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	value, ok := f[flag.Name]
	if !ok {
		return nil, nil
	}
	return value, nil
}

// settingNames lists the keys of a settings file, as the flags are called.
func settingNames() []string {
	var names []string
	eachSetting(reflect.ValueOf(configCommand{}), func(name string, _ reflect.Value) { names = append(names, name) })
	sort.Strings(names)
	return names
}

// eachSetting calls f with every field of v by the name that its flag has.
func eachSetting(v reflect.Value, f func(name string, value reflect.Value)) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			eachSetting(v.Field(i), f)
			continue
		}
		name := field.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		f(name, v.Field(i))
	}
}
