package meta

import "github.com/ballast-ml/ballast"

// Segment is a sealed part of a stream: rows [Row0, Row0+Rows) in an immutable
// object, of which the first Visible are part of the run.
type Segment struct {
	Run     int64
	Stream  ballast.Stream
	Row0    int64
	Rows    int64
	Visible int64
	Level   int // how often its rows were merged into a larger one
	Store   int
	Object  string
	Bytes   int64
	Points  int64
	StepMin int64
	StepMax int64
	DirOff  int64
	DirLen  int64
	Dir     []byte // the directory itself when it is short, else nil
}

// Segments returns the segments of a stream in row order.
func (t *Tx) Segments(runID int64, stream ballast.Stream) ([]Segment, error) {
	panic("TODO")
}
