package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker: see the Makefile.
var version = "dev"

// commands is the whole command line.
type commands struct {
	ConfigFile kong.ConfigFlag `name:"config" placeholder:"FILE" env:"JUMPGATE_CONFIG" help:"TOML file with settings (else ~/.config/jumpgate/jumpgate.toml, /etc/jumpgate.toml)."`

	Demo     demoCommand     `cmd:"" help:"Play a demo library that is composed on the spot; nothing to configure."`
	Serve    serveCommand    `cmd:"" help:"Serve your own music to the devices of the house."`
	Devices  devicesCommand  `cmd:"" help:"List the players and speakers on the network."`
	Doctor   doctorCommand   `cmd:"" help:"Say what is seen on which interface, what is missing, and what to do."`
	Certify  certifyCommand  `cmd:"" help:"Play test sequences at a hardware player and score it."`
	Player   playerCommand   `cmd:"" help:"Be a player: the sound card, a WAV file or a level meter."`
	Players  playersCommand  `cmd:"" help:"List hardware players, approve, pair and unpair them."`
	Cast     castCommand     `cmd:"" help:"Control a Chromecast from here, without a gateway."`
	HLS      hlsCommand      `cmd:"" name:"hls" help:"Serve a folder or a file as HLS, and nothing else."`
	Backup   backupCommand   `cmd:"" help:"Write a consistent copy of everything Jumpgate knows, also while it runs."`
	Import   importCommand   `cmd:"" help:"Bring your listening history: exports of ListenBrainz, Last.fm and Spotify, M3U playlists."`
	Export   exportCommand   `cmd:"" help:"Write everything that is known of a listener to a file, also while the gateway runs."`
	Forget   forgetCommand   `cmd:"" help:"Forget what a listener heard, rated and wished, also while the gateway runs."`
	Password passwordCommand `cmd:"" help:"Set a new password for an account, also while the gateway runs."`
	Token    tokenCommand    `cmd:"" help:"Make, list and revoke tokens for programs."`
	Config   configCommand   `cmd:"" name:"config" help:"Print the settings in force."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

func main() { os.Exit(run()) }

// run is main with deferred calls that take place before the process exits.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var c commands
	parser, err := kong.New(&c,
		kong.Name("jumpgate"),
		kong.Description("Plays your music on every speaker of the house, and never stops."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Vars{"data": defaultData()},
		kong.Configuration(loadSettings, "/etc/jumpgate.toml", "~/.config/jumpgate/jumpgate.toml"),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "jumpgate:", err)
		return 2
	}
	command, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	if err := command.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "jumpgate:", err)
		return 1
	}
	return 0
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println("jumpgate", version)
	return nil
}
