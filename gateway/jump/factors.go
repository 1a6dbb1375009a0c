package jump

import (
	"cmp"
	"math"
	"slices"
)

// factors finds the directions in which lists differ most: the leading right
// singular vectors of the matrix of lists and items, by subspace iteration (Halko, Martinsson, Tropp: Finding structure with
// randomness, 2011, algorithm 4.4). It returns n rows of rank numbers, each
// direction scaled by its singular value, the strongest first; rows of items in
// no list are zero. An item's column is scaled by the fourth root of its count,
// half way to unit norm: without, the directions are spent on what is popular;
// at unit norm, on what stands in few lists.
// The work is rounds * entries * rank multiplications.
func factors(lists [][]int32, n, rank, rounds int) []float32 {
	scale := make([]float32, n) // of columns
	for _, l := range lists {
		for _, s := range l {
			scale[s]++
		}
	}
	for s, v := range scale {
		if v > 0 {
			scale[s] = float32(1 / math.Sqrt(math.Sqrt(float64(v))))
		}
	}
	f := &factoring{lists: lists, scale: scale, rank: rank, x: make([]float32, n*rank), y: make([]float32, n*rank), row: make([]float32, rank)}
	for i := range f.x {
		if scale[i/rank] > 0 {
			f.x[i] = float32(noise(uint64(rank), int32(i)) - 0.5)
		}
	}
	f.orthonormal()
	for range rounds {
		f.multiply()
		f.x, f.y = f.y, f.x
		f.orthonormal()
	}
	f.rotate()
	return f.x
}

type factoring struct {
	lists [][]int32
	scale []float32
	rank  int
	x, y  []float32 // items * rank
	row   []float32
}

// multiply sets y to AᵀA x, one list after the other.
func (f *factoring) multiply() {
	clear(f.y)
	r := f.rank
	for _, l := range f.lists {
		clear(f.row)
		for _, s := range l {
			addScaled(f.row, f.x[int(s)*r:int(s)*r+r], f.scale[s])
		}
		for _, s := range l {
			addScaled(f.y[int(s)*r:int(s)*r+r], f.row, f.scale[s])
		}
	}
}

// gram returns xᵀz.
func (f *factoring) gram(z []float32) [][]float64 {
	r := f.rank
	g := square(r)
	row := make([]float64, r)
	for i := 0; i < len(f.x); i += r {
		x := f.x[i : i+r]
		for k, v := range z[i : i+r] {
			row[k] = float64(v)
		}
		for j, a := range x {
			if a == 0 {
				continue
			}
			v, gj := float64(a), g[j]
			for k := range row {
				gj[k] += v * row[k]
			}
		}
	}
	return g
}

// orthonormal makes the columns of x orthonormal (Cholesky QR, twice, since
// once loses half of the digits).
func (f *factoring) orthonormal() {
	r := f.rank
	for range 2 {
		l := cholesky(f.gram(f.x))
		for i := 0; i < len(f.x); i += r {
			x := f.x[i : i+r]
			for j := range x { // solve z Lᵀ = x
				v := float64(x[j])
				for k, a := range l[j][:j] {
					v -= a * float64(x[k])
				}
				x[j] = float32(v / l[j][j])
			}
		}
	}
}

// rotate turns x to the singular directions and scales them.
func (f *factoring) rotate() {
	f.multiply()
	r := f.rank
	values, vectors := eigen(f.gram(f.y))
	order := make([]int, r) // the strongest first
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	row := make([]float64, r)
	for i := 0; i < len(f.x); i += r {
		clear(row)
		x := f.x[i : i+r]
		for j, v := range x {
			for k := range row {
				row[k] += float64(v) * vectors[j][k]
			}
		}
		for k, o := range order {
			x[k] = float32(row[o] * math.Sqrt(max(0, values[o])))
		}
	}
}

func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// cholesky returns the lower factor of a symmetric matrix; directions that are
// not there (a library of few tracks) come out as good as zero.
func cholesky(g [][]float64) [][]float64 {
	n := len(g)
	trace := 0.0
	for i := range g {
		trace += g[i][i]
	}
	least := 1e-12*trace + 1e-30
	l := square(n)
	for i := range n {
		for j := range i + 1 {
			v := g[i][j]
			for k := range j {
				v -= l[i][k] * l[j][k]
			}
			switch {
			case i != j:
				l[i][j] = v / l[j][j]
			case v > least:
				l[i][i] = math.Sqrt(v)
			default:
				l[i][i] = 1e15
			}
		}
	}
	return l
}

// eigen returns eigenvalues and, in columns, eigenvectors of a symmetric matrix
// by cyclic Jacobi rotations.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	v := square(n)
	for i := range v {
		v[i][i] = 1
	}
	for range 12 {
		off, diagonal := 0.0, 0.0
		for i := range n {
			diagonal += a[i][i] * a[i][i]
			for j := range i {
				off += a[i][j] * a[i][j]
			}
		}
		if off <= 1e-14*diagonal {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				jacobi(a, v, p, q)
			}
		}
	}
	values = make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, v
}

// jacobi rotates a so that its element p, q is zero.
func jacobi(a, v [][]float64, p, q int) {
	if a[p][q] == 0 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a {
		x, y := a[k][p], a[k][q]
		a[k][p], a[k][q] = c*x-s*y, s*x+c*y
	}
	for k := range a {
		x, y := a[p][k], a[q][k]
		a[p][k], a[q][k] = c*x-s*y, s*x+c*y
	}
	for k := range v {
		x, y := v[k][p], v[k][q]
		v[k][p], v[k][q] = c*x-s*y, s*x+c*y
	}
}

// addScaled adds w*b to a; both have one length.
func addScaled(a, b []float32, w float32) {
	b = b[:len(a)]
	for i := range a {
		a[i] += w * b[i]
	}
}

// dot returns the inner product of two vectors of one length.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
