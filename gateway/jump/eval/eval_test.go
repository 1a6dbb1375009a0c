package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// made writes a small corpus in which ten kinds of tracks keep to themselves.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, lines func(*strings.Builder)) {
		var b strings.Builder
		lines(&b)
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write([]byte(b.String())); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), z.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const kinds, perKind = 10, 40
	line := func(b *strings.Builder, i, n int) {
		for j := range n {
			fmt.Fprintf(b, " %d", i%kinds*perKind+(i*7+j*(1+i%3))%perKind)
		}
		b.WriteString("\n")
	}
	sessions := func(b *strings.Builder) {
		for i := range 300 {
			line(b, i, 6)
		}
	}
	baskets := func(b *strings.Builder) {
		for i := range 400 {
			fmt.Fprintf(b, "%d\t", i)
			line(b, i/10, 24+i%5)
		}
	}
	write("nowplaying_train.txt.gz", sessions)
	write("nowplaying_test.txt.gz", sessions)
	write("polimi2018_playlists.txt.gz", baskets)
	write("lastfm_kgat_users.txt.gz", baskets)
	write("polimi2018_tracks.csv.gz", func(b *strings.Builder) {
		b.WriteString("track_id,album_id,artist_id,duration_sec\n")
		for i := range kinds * perKind {
			fmt.Fprintf(b, "%d,a%d,r%d,200\n", i, i/5, i/10)
		}
	})
	return dir
}

func TestEveryProtocolRuns(t *testing.T) {
	dir := made(t)
	for _, method := range []string{"engine", "baseline"} {
		var out bytes.Buffer
		if err := run([]string{"--data", dir, "--json", "--method", method}, &out, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		var flat map[string]float64
		if err := json.Unmarshal(out.Bytes(), &flat); err != nil {
			t.Fatal(err)
		}
		for _, key := range strings.Fields(`A.all.hr20 A.all.mrr20 A.new.hr20 A.new.mrr20 B.k1.rprec B.k1.hr20
			B.k10.ndcg100 C.k1.ndcg100 C.k1.hr20 D.polimi.auc E.hr1 E.hr10 E.chain.startend E.chain.neighbours
			F.0.hr20 F.100.hr20 F.300.hr20 F.1000.hr20`) {
			v, ok := flat[key]
			if !ok || v < 0 || v > 1 || math.IsNaN(v) {
				t.Errorf("%s: %s is %v", method, key, v)
			}
		}
		if method == "engine" && (flat["A.all.hr20"] < 0.5 || flat["B.k1.hr20"] < 0.9 || flat["D.polimi.auc"] < 0.9) {
			t.Errorf("kinds that keep to themselves are not found: %v", flat)
		}
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	t.Setenv(dataEnv, "")
	bad := filepath.Join(t.TempDir(), "nowplaying_train.txt.gz")
	if err := os.WriteFile(bad, []byte("no gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--data DIR":             nil,
		"engine and baseline":    {"--data", "x", "--method", "magic"},
		"test and validation":    {"--data", "x", "--part", "all"},
		"has its files":          {"--data", t.TempDir()},
		"nowplaying_train":       {"--data", filepath.Dir(bad)},
		"flag provided but not ": {"--nonsense"},
	} {
		err := run(args, &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}

func TestMeasures(t *testing.T) {
	s := newSums()
	is := func(it int32) bool { return it == 3 }
	list := ranking([]scored{{1, 0.5}, {3, 0.5}, {2, 0.9}}, is)
	if got := rank(list, is); got != 3 {
		t.Errorf("a target that ties stands at %d, want behind what it ties with", got)
	}
	s.many("m", list, map[int32]bool{2: true, 3: true})
	if got := s.mean("m.rprec"); got != 0.5 {
		t.Errorf("R-precision %v", got)
	}
	if got, want := s.mean("m.ndcg100"), (1+1/math.Log2(4))/(1+1/math.Log2(3)); math.Abs(got-want) > 1e-9 {
		t.Errorf("NDCG %v, want %v", got, want)
	}
	s.auc("m", list, map[int32]bool{3: true})
	if s.mean("m.auc") != 0 || s.mean("m.mrr") != 1./3 {
		t.Errorf("AUC %v, MRR %v", s.mean("m.auc"), s.mean("m.mrr"))
	}
	if got := hashed(10, []int32{5, 7, 5, 9}); len(got) != 3 || slices.Equal(got, []int32{5, 7, 9}) {
		t.Errorf("the hash order is %v", got)
	}
}

// TestNeighboursAreReproduced holds this command to figures that were measured
// elsewhere on the same data: item neighbours, cosine with shrink 20, and for A
// VMIS-kNN with item-to-item sequences.
func TestNeighboursAreReproduced(t *testing.T) {
	dir := os.Getenv(dataEnv)
	if dir == "" {
		t.Skip("no data in " + dataEnv)
	}
	var out bytes.Buffer
	if err := run([]string{"--data", dir, "--json", "--method", "baseline", "--protocol", "ABCE"}, &out, os.Stderr); err != nil {
		t.Fatal(err)
	}
	var flat map[string]float64
	if err := json.Unmarshal(out.Bytes(), &flat); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{
		"A.all.hr20": 0.2245, "A.all.mrr20": 0.0848, "A.new.hr20": 0.1936, "A.new.mrr20": 0.0782,
		"B.k1.rprec": 0.133, "B.k1.ndcg100": 0.234, "B.k1.hr20": 0.700, "B.k10.rprec": 0.211, "B.k10.hr20": 0.912,
		"C.k1.ndcg100": 0.223, "C.k1.hr20": 0.746, "C.k2.ndcg100": 0.298, "C.k2.hr20": 0.846, "C.k10.hr20": 0.895,
		"E.hr1": 0.168, "E.hr10": 0.423, "E.mrr": 0.253,
	} {
		if math.Abs(flat[key]-want) > 0.005 {
			t.Errorf("%s is %.4f, measured elsewhere: %.4f", key, flat[key], want)
		}
	}
}
