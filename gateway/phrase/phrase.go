package phrase

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Code names a sentence. Codes are part of the API: a code keeps its meaning
// and the order of its blanks.
type Code string

// Phrase is one sentence, or a part of one. The zero Phrase says nothing.
type Phrase struct {
	Code Code
	Args []Phrase // what fills the blanks {1}, {2}, … of the code's sentence
	Text string   // where Code is empty: said as it is, in every language
}

// New returns the sentence of a code. An argument is a Phrase, a string, an
// int or an error; an error is said by [Cause].
func New(code Code, args ...any) Phrase {
	p := Phrase{Code: code}
	for _, a := range args {
		switch a := a.(type) {
		case Phrase:
			p.Args = append(p.Args, a)
		case error:
			p.Args = append(p.Args, Cause(a))
		default:
			p.Args = append(p.Args, Verbatim(fmt.Sprint(a)))
		}
	}
	return p
}

// Verbatim returns what is the same in every language: a name, a number, or
// words that nobody has translated.
func Verbatim(text string) Phrase { return Phrase{Text: text} }

// IsZero tells whether nothing is said.
func (p Phrase) IsZero() bool { return p.Code == "" && p.Text == "" }

// String returns the phrase in English.
func (p Phrase) String() string {
	if p.Code == "" {
		return p.Text
	}
	blanks := make([]string, 0, 2*len(p.Args))
	for i, a := range p.Args {
		blanks = append(blanks, "{"+strconv.Itoa(i+1)+"}", a.String())
	}
	return strings.NewReplacer(blanks...).Replace(english[p.Code])
}

// Same tells whether two phrases say the same.
func (p Phrase) Same(q Phrase) bool { return p.Code == q.Code && p.String() == q.String() }

// coded is a phrase with a code, as JSON.
type coded struct {
	Code Code     `json:"code"`
	Args []Phrase `json:"args"`
}

// MarshalJSON writes {"code":…,"args":[…]}, or a plain string where there is no
// code.
func (p Phrase) MarshalJSON() ([]byte, error) {
	if p.Code == "" {
		return json.Marshal(p.Text)
	}
	c := coded{p.Code, p.Args}
	if c.Args == nil {
		c.Args = []Phrase{}
	}
	return json.Marshal(c)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Phrase) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		*p = Verbatim(text)
		return nil
	}
	var c coded
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("read a phrase: %w", err)
	}
	*p = Phrase{Code: c.Code, Args: c.Args}
	return nil
}

// Pack writes a phrase as one text, to be kept; Unpack reads it.
func (p Phrase) Pack() string {
	if p.Code == "" {
		return p.Text
	}
	raw, err := json.Marshal(p)
	if err != nil { // strings alone: it cannot fail
		return p.String()
	}
	return string(raw)
}

// Unpack reads what Pack wrote. A text that is none of its own is taken
// verbatim, as is a code that this version does not know.
func Unpack(text string) Phrase {
	var p Phrase
	if !strings.HasPrefix(text, `{"code":`) || json.Unmarshal([]byte(text), &p) != nil {
		return Verbatim(text)
	}
	if _, known := english[p.Code]; !known {
		return Verbatim("")
	}
	return p
}
