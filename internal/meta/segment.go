package meta

import (
	"strings"

	"github.com/ballast-ml/ballast"
)

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

const segmentColumns = "run, kind, row0, nrow, nvis, level, store, object, bytes, points, step_min, step_max, dir_off, dir_len, dir"

func scanSegment(s scannable, g *Segment) error {
	return s.Scan(&g.Run, &g.Stream, &g.Row0, &g.Rows, &g.Visible, &g.Level, &g.Store, &g.Object, &g.Bytes, &g.Points,
		&g.StepMin, &g.StepMax, &g.DirOff, &g.DirLen, &g.Dir)
}

// Segments returns the segments of a stream in row order.
func (t *Tx) Segments(runID int64, stream ballast.Stream) ([]Segment, error) {
	var all []Segment
	err := t.each("SELECT "+segmentColumns+" FROM segment WHERE run=? AND kind=? ORDER BY row0", []any{runID, int(stream)}, func(s scannable) error {
		var g Segment
		err := scanSegment(s, &g)
		all = append(all, g)
		return err
	})
	return all, err
}

// SegmentList is Segments without their directories.
func (t *Tx) SegmentList(runID int64, stream ballast.Stream) ([]Segment, error) {
	var all []Segment
	columns := strings.TrimSuffix(segmentColumns, "dir") + "NULL"
	err := t.each("SELECT "+columns+" FROM segment WHERE run=? AND kind=? ORDER BY row0", []any{runID, int(stream)}, func(s scannable) error {
		var g Segment
		err := scanSegment(s, &g)
		all = append(all, g)
		return err
	})
	return all, err
}
