package history

// Grid is a row of equal buckets on the step axis: bucket i covers the steps
// [Start+i*Width, Start+(i+1)*Width).
type Grid struct {
	Start int64 // a multiple of Width
	Width int64
	N     int
	Level int64 // width of the coarsest level of detail that fits, 0: raw values
}

// Widths of the levels of detail: 256·4^k steps.
const (
	firstWidth = 256
	widthRatio = 4
	maxWidth   = 1 << 60
)

// NewGrid chooses the grid for steps min <= step <= max in about `buckets`
// buckets, at most `buckets`, at least half of it when levels of detail can be
// used. The width is (max-min+1)/buckets rounded up to a multiple of the
// coarsest level width 256·4^k below it (ENGINE section 7).
func NewGrid(min, max int64, buckets int) Grid {
	if max < min {
		return Grid{Width: 1}
	}
	n := uint64(maxOf(buckets, 1))
	span := uint64(max) - uint64(min) // one less than the steps there are
	width := span/n + 1
	if width > maxWidth {
		width = maxWidth
	}
	level := levelBelow(int64(width))
	unit := uint64(maxOf(level, 1))
	for width = (width + unit - 1) / unit * unit; ; width += unit {
		w := int64(width)
		first, last := floorDiv(min, w), floorDiv(max, w)
		// Buckets are aligned, so one more than asked for may be needed.
		if count := last - first + 1; count <= int64(n) || n == 1 && count <= 2 || w >= maxWidth {
			return Grid{Start: first * w, Width: w, N: int(count), Level: level}
		}
	}
}

// levelBelow is the coarsest level width of at most width, 0 when even the
// finest is wider.
func levelBelow(width int64) int64 {
	level := int64(0)
	for w := int64(firstWidth); w <= width; w *= widthRatio {
		level = w
		if w > maxWidth/widthRatio {
			break
		}
	}
	return level
}

// End is the first step beyond the grid.
func (g Grid) End() int64 { return g.Start + int64(g.N)*g.Width }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

func maxOf[T int | int64](a, b T) T {
	if a > b {
		return a
	}
	return b
}
