package certify

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Result is how a check ended.
type Result string

// The results.
const (
	Pass    Result = "pass"
	Fail    Result = "fail"
	Untried Result = "untried" // Why says what was missing
)

// Check is one thing that was tried.
type Check struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Why    string `json:"why,omitempty"` // of a failure, or of what was not tried
	// Figures by name; the unit is in the name.
	Figures map[string]float64 `json:"figures,omitempty"`
}

// Report is the outcome for one player.
type Report struct {
	Statement string    `json:"statement"`
	Address   string    `json:"address"`
	Player    string    `json:"player"`
	Name      string    `json:"name"`
	Product   string    `json:"product,omitempty"`
	Firmware  string    `json:"firmware,omitempty"`
	Dialect   string    `json:"dialect"`
	When      time.Time `json:"when"`
	Checks    []Check   `json:"checks"`
}

// Passed tells whether no check failed.
func (r Report) Passed() bool {
	for _, c := range r.Checks {
		if c.Result == Fail {
			return false
		}
	}
	return true
}

// Text writes the report for people.
func (r Report) Text(w io.Writer) error {
	count := map[Result]int{}
	for _, c := range r.Checks {
		count[c.Result]++
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n\n", r.Statement, r.subject())
	for _, c := range r.Checks {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%-8s %-34s %s\n", c.Result, c.Name, c.line())
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%d passed, %d failed, %d not tried\n", count[Pass], count[Fail], count[Untried])
	return err
}

// subject is what was tested, as far as it has said who it is.
func (r Report) subject() string {
	if r.Dialect == "" {
		return r.Address
	}
	out := r.Name + " at " + r.Address
	if about := strings.TrimSpace(r.Product + " " + r.Firmware); about != "" {
		out += " (" + about + ")"
	}
	return out + ", " + r.Dialect + " dialect"
}

func (c Check) line() string {
	out := c.Why
	for _, name := range slices.Sorted(maps.Keys(c.Figures)) {
		if out != "" {
			out += ", "
		}
		out += name + " " + strconv.FormatFloat(c.Figures[name], 'f', -1, 64)
	}
	return out
}
