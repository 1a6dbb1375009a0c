package sound

import "math"

// sums gathers the measures that are means over the frames that can be heard.
type sums struct {
	heard    int
	decibel  moments
	levels   []float32 // of the frames heard, for their share below the mean
	level    float64
	centroid moments
	rolloff  moments
	flatness moments
	cepstrum [coefficients]float64
}

// moments is a running mean and spread.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(v float64) { m.n++; m.sum += v; m.squares += v * v }

func (m *moments) mean() float64 { return m.sum / m.n }

func (m *moments) spread() float64 {
	mean := m.mean()
	return math.Sqrt(max(0, m.squares/m.n-mean*mean))
}

func (t *sums) add(s *spectrum) {
	if !s.heard {
		return
	}
	t.heard++
	t.decibel.add(10 * math.Log10(s.level))
	t.level += s.level
	t.levels = append(t.levels, float32(s.level))
	centroid, rolloff, flatness := shape(s)
	t.centroid.add(math.Log2(max(centroid, 1)))
	t.rolloff.add(math.Log2(max(rolloff, 1)))
	t.flatness.add(flatness)
	for i, c := range s.cepstrum {
		t.cepstrum[i] += c
	}
}

// shape returns the centroid and the 85 % rolloff of the power, in Hz, and the
// flatness of the mel bands, ln of geometric over arithmetic mean.
func shape(s *spectrum) (centroid, rolloff, flatness float64) {
	weighted, below, edge := 0.0, 0.0, -1
	for i, p := range s.power {
		weighted += float64(i) * p
		below += p
		if edge < 0 && below >= 0.85*s.total {
			edge = i
		}
	}
	logs, mean := 0.0, 0.0
	for _, l := range s.mel {
		logs += l
		mean += math.Exp(l)
	}
	return weighted / s.total * s.hz, float64(max(edge, 0)) * s.hz, logs/bands - math.Log(mean/bands)
}

func (t *sums) fill(f *Features) {
	mean := t.level / float64(t.heard)
	quiet := 0
	for _, l := range t.levels {
		if float64(l) < mean {
			quiet++
		}
	}
	f[Loudness] = float32(t.decibel.mean())
	f[Dynamics] = float32(t.decibel.spread())
	f[Quiet] = float32(float64(quiet) / float64(t.heard))
	f[Brightness] = float32(t.centroid.mean())
	f[BrightnessMove] = float32(t.centroid.spread())
	f[Rolloff] = float32(t.rolloff.mean())
	f[Noisiness] = float32(t.flatness.mean())
	for i, sum := range t.cepstrum {
		f[timbre+i] = float32(sum / float64(t.heard))
	}
}
