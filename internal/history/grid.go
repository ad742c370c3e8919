package history

// Grid is a row of equal buckets on the step axis: bucket i covers the steps
// [Start+i*Width, Start+(i+1)*Width).
type Grid struct {
	Start int64 // a multiple of Width
	Width int64
	N     int
	Level int64 // width of the coarsest level of detail that fits, 0: raw values
}

// NewGrid chooses the grid for steps min <= step <= max in about `buckets`
// buckets, at most `buckets`, at least half of it when levels of detail can be
// used. The width is (max-min+1)/buckets rounded up to a multiple of the
// coarsest level width 256·4^k below it (ENGINE section 7).
func NewGrid(min, max int64, buckets int) Grid { panic("TODO") }
