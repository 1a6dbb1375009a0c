package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

// writeMissing writes what imports did not find, as tab-separated lines.
func writeMissing(file string, reports []gateway.ImportReport) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	plain := strings.NewReplacer("\t", " ", "\n", " ")
	for _, r := range reports {
		for _, m := range r.Missing {
			if _, err := fmt.Fprintf(w, "%d\t%s\t%s\n", m.Listens, plain.Replace(m.Artist), plain.Replace(m.Title)); err != nil {
				return fmt.Errorf("write the report: %w", err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
