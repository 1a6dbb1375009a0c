package synth

import "math"

// Room is a reverberant space.
type Room struct {
	Decay  float64 // seconds until 60 dB are gone
	Damp   float64 // Hz above which the walls swallow
	Pre    float64 // seconds before the first reflection
	LowCut float64 // Hz below which nothing enters; 0 means 150
}

// delayLine is a ring of samples.
type delayLine struct {
	buf []float64
	at  int
}

func newDelay(seconds float64) delayLine {
	return delayLine{buf: make([]float64, max(1, int(seconds*Rate)))}
}

// read returns the oldest sample; write puts one in its place.
func (d *delayLine) read() float64 { return d.buf[d.at] }

func (d *delayLine) write(v float64) {
	d.buf[d.at] = v
	if d.at++; d.at == len(d.buf) {
		d.at = 0
	}
}

// allpass smears a click without colouring it.
type allpass struct {
	delayLine
	g float64
}

func (a *allpass) next(v float64) float64 {
	z := a.read()
	w := v - a.g*z
	a.write(w)
	return z + a.g*w
}

// lines are the lengths of the network's delays in seconds, mutually prime in
// samples.
var lines = [8]float64{0.0297, 0.0371, 0.0411, 0.0437, 0.0533, 0.0617, 0.0691, 0.0797}

// Reverb adds what the bus sounds like in the room to another bus of the same
// length, or to itself: a feedback network of eight delays, mixed by a
// Householder reflection.
func (b *Bus) Reverb(to *Bus, room Room, level float64) {
	g := float32(0.35 * level)
	var net [8]delayLine
	var damp [8]onePole
	var gain [8]float64
	for i, s := range lines {
		net[i] = newDelay(s)
		damp[i] = lowPole(room.Damp)
		gain[i] = math.Pow(10, -3*s/room.Decay)
	}
	pre := newDelay(room.Pre)
	smear := [4]allpass{{newDelay(0.0051), 0.7}, {newDelay(0.0077), 0.7}, {newDelay(0.0113), 0.6}, {newDelay(0.0127), 0.6}}
	var cut svf
	cut.set(max(room.LowCut, 150), 0.707)
	for i := range b.L {
		side := 0.35 * float64(b.L[i]-b.R[i])
		in := pre.read()
		pre.write(cut.high(0.5 * float64(b.L[i]+b.R[i])))
		for k := range smear {
			in = smear[k].next(in)
		}
		var v [8]float64
		sum := 0.0
		for k := range net {
			v[k] = damp[k].next(net[k].read()) * gain[k]
			sum += v[k]
		}
		sum *= 0.25
		for k := range net {
			d := side
			if k&1 == 1 {
				d = -side
			}
			net[k].write(in + d + v[k] - sum)
		}
		to.L[i] += g * float32(v[0]-v[2]+v[4]-v[6])
		to.R[i] += g * float32(v[1]-v[3]+v[5]-v[7])
	}
}

// Echo is a delay that goes from side to side.
type Echo struct {
	Time     float64 // seconds between repeats
	Feedback float64 // what is left of each, below 1
	Damp     float64 // Hz: every repeat is darker
}

// Delay adds the repeats of the bus to another of the same length, or to
// itself.
func (b *Bus) Delay(to *Bus, e Echo, gain float64) {
	g := float32(gain)
	l, r := newDelay(e.Time), newDelay(e.Time)
	dl, dr := lowPole(e.Damp), lowPole(e.Damp)
	for i := range b.L {
		a, c := l.read(), r.read()
		l.write(dl.next(0.5*float64(b.L[i]+b.R[i]) + c*e.Feedback))
		r.write(dr.next(a))
		to.L[i] += g * float32(a)
		to.R[i] += g * float32(c)
	}
}

// Chorus thickens the bus: each side is doubled by a copy that drifts.
func (b *Bus) Chorus(depth, hz float64) {
	const size = 4096
	var ring [2][size]float32
	for i := range b.L {
		ring[0][i%size], ring[1][i%size] = b.L[i], b.R[i]
		p := hz * float64(i) / Rate
		b.L[i] = 0.7 * (b.L[i] + tap(&ring[0], i, (0.012+depth*(1+sine(p)))*Rate))
		b.R[i] = 0.7 * (b.R[i] + tap(&ring[1], i, (0.013+depth*(1+sine(p+0.27)))*Rate))
	}
}

// tap reads a ring some samples back, between two of them.
func tap(ring *[4096]float32, now int, back float64) float32 {
	n := int(back)
	f := float32(back - float64(n))
	a, c := ring[(now-n+8192)%4096], ring[(now-n-1+8192)%4096]
	return a + f*(c-a)
}

// Duck lowers the bus at each of the times and lets it come back, as a
// compressor keyed by the kick does.
func (b *Bus) Duck(times []float64, depth, recover float64) {
	k := coef(recover / 2.3)
	next, level := 0, 0.0
	held := 0.0
	for i := range b.L {
		for next < len(times) && i >= int(times[next]*Rate) {
			held = 1
			next++
		}
		held *= k
		level += 0.01 * (held - level) // no step, no click
		g := float32(1 - depth*level)
		b.L[i] *= g
		b.R[i] *= g
	}
}
