package jump

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNeighboursFromElsewhere(t *testing.T) {
	e := New(Config{})
	for i := range 60 {
		e.Upsert(Item{ID: fmt.Sprint("t", i), Title: fmt.Sprint("Title ", i)})
	}
	n, err := ReadNeighbours(strings.NewReader(NeighboursHeader + "\r\n# made at night\n\nt1\tt40\t0.9\nt1\tt41\t.5\nt1\tlater\t1\n"))
	if err != nil || n.Len() != 3 {
		t.Fatalf("%d pairs, %v", n.Len(), err)
	}
	e.SetNeighbours(n)
	if got := rankedItems(e.Like([]string{"t1"}, 2)); !slices.Equal(got, []string{"t40", "t41"}) {
		t.Errorf("like t1: %v", got)
	}
	e.Upsert(Item{ID: "later"})
	picks := e.Flow(Request{Context: Context{Kind: KindTrack, ID: "t1"}, Recent: []string{"t1"}, Count: 3, Now: evening})
	got := itemsOf(picks)
	slices.Sort(got)
	if !slices.Equal(got, []string{"later", "t40", "t41"}) || picks[0].Reason.String() != "Often heard together with “Title 1”." {
		t.Errorf("the flow is %v", picks)
	}
	e.SetNeighbours(Neighbours{})
	if got := e.neighbours; len(got) != 0 {
		t.Errorf("neighbours that were taken away are still there: %v", got)
	}
}

func TestNeighboursThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "it is empty",
		"jumpgate-neighbours 2\na\tb\t1": "line 1: it begins with",
		NeighboursHeader + "\na\tb":      "line 2: not an item",
		NeighboursHeader + "\na\tb\t1.5": "line 2: the likeness",
		NeighboursHeader + "\na\tb\tNaN": "line 2: the likeness",
		NeighboursHeader + "\n" + strings.Repeat("a\tb\t1\n", mostNeighbours+1): "more than 200 neighbours",
		NeighboursHeader + "\n" + strings.Repeat("a", mostPairLine+1):           "line 2: longer than",
	} {
		if _, err := ReadNeighbours(strings.NewReader(text)); !errors.Is(err, ErrNeighbours) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadNeighbours(f *testing.F) {
	f.Add(NeighboursHeader + "\na\tb\t0.5\n")
	f.Add(NeighboursHeader + "\n#\n\na\tb\t1e-9\n아이유\tb\t1")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ReadNeighbours(strings.NewReader(text))
		if err != nil {
			return
		}
		sum := 0
		for _, list := range n.of {
			for _, x := range list {
				if x.id == "" || !(x.like > 0 && x.like <= 1) && x.like != 0 {
					t.Fatalf("%v", x)
				}
				sum++
			}
		}
		if sum != n.Len() {
			t.Fatalf("%d pairs, says %d", sum, n.Len())
		}
		New(Config{}).SetNeighbours(n)
	})
}
