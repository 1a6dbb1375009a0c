package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

// dataEnv names the folder when --data does not.
const dataEnv = "JUMPGATE_REC_DATA"

// protocols in the order in which they run, and what each needs.
var protocols = []struct {
	letter string
	needs  func(*corpus) bool
	run    func(*corpus, method, part, *sums)
}{
	{"A", func(c *corpus) bool { return c.train != nil && c.test != nil }, protocolA},
	{"B", hasPlaylists, protocolB},
	{"C", func(c *corpus) bool { return c.users != nil }, protocolC},
	{"D", func(c *corpus) bool { return c.users != nil || hasPlaylists(c) }, protocolD},
	{"E", hasPlaylists, protocolE},
	{"F", hasPlaylists, protocolF},
	{"H", func(c *corpus) bool { return c.users != nil }, protocolH},
}

func hasPlaylists(c *corpus) bool { return c.playlists != nil && c.tracks != nil }

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("data", os.Getenv(dataEnv), "folder of the data; default $"+dataEnv)
	letters := flags.String("protocol", "ABCDEFGH", "which protocols")
	name := flags.String("method", "engine", "engine or baseline")
	held := flags.String("part", "test", "test, or validation for choosing hyper-parameters")
	every := flags.Int("every", 1, "look at every n-th held-back session, playlist or listener only")
	asJSON := flags.Bool("json", false, "print one flat JSON object")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("say where the data is with --data DIR or in " + dataEnv)
	}
	var m method
	switch *name {
	case "engine":
		m = engine{}
	case "baseline":
		m = baseline{}
	default:
		return fmt.Errorf("--method %s: there is engine and baseline", *name)
	}
	p := part{every: max(1, *every)}
	switch *held {
	case "test":
	case "validation":
		p.digit = 1
	default:
		return fmt.Errorf("--part %s: there is test and validation", *held)
	}
	c, err := readCorpus(*dir)
	if err != nil {
		return err
	}
	out, ran := newSums(), false
	for _, pr := range protocols {
		if !strings.Contains(strings.ToUpper(*letters), pr.letter) || !pr.needs(c) {
			continue
		}
		ran = true
		began := time.Now()
		pr.run(c, m, p, out)
		fmt.Fprintf(stderr, "%s took %.1f s\n", pr.letter, time.Since(began).Seconds())
	}
	if !ran {
		return fmt.Errorf("no protocol of %q has its files in %s", *letters, *dir)
	}
	return print(stdout, out, *asJSON)
}

func print(w io.Writer, out *sums, asJSON bool) error {
	if asJSON {
		flat := map[string]float64{}
		for _, n := range out.names {
			flat[n] = out.mean(n)
		}
		return json.NewEncoder(w).Encode(flat)
	}
	for _, n := range out.names {
		fmt.Fprintf(w, "%-28s %.4f   %d\n", n, out.mean(n), out.n[n])
	}
	return nil
}
