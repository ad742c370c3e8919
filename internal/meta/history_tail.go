package meta

import "github.com/ballast-ml/ballast"

// ChunkSize is a tail chunk without its data.
type ChunkSize struct {
	Row0  int64
	Rows  int
	Bytes int64
}

// TailSizes returns the counters of a stream, with neither segments nor tail,
// and its chunks, in row order, without their data.
func (t *Tx) TailSizes(runID int64, stream ballast.Stream) (StreamView, []ChunkSize, error) {
	v, err := t.Counters(runID, stream)
	if err != nil {
		return v, nil, err
	}
	var all []ChunkSize
	err = t.each("SELECT row0, nrow, LENGTH(data) FROM tail WHERE run=? AND kind=? ORDER BY row0", []any{runID, int(stream)}, func(s scannable) error {
		var c ChunkSize
		err := s.Scan(&c.Row0, &c.Rows, &c.Bytes)
		all = append(all, c)
		return err
	})
	return v, all, err
}

// Counters returns a stream with neither segments nor tail.
func (t *Tx) Counters(runID int64, stream ballast.Stream) (StreamView, error) {
	live, err := t.readHist([]int64{runID})
	if err != nil {
		return StreamView{}, err
	}
	h := live[runID]
	if h == nil {
		return StreamView{}, notFound("run %d does not exist", runID)
	}
	views := []StreamView{{Run: runID, Stream: stream, Live: h.live(), Rows: h.nrow[stream], Sealed: h.sealed[stream]}}
	err = t.fillErased(views)
	return views[0], err
}

// TailPart returns the chunks of a stream whose first row is in [from, to).
func (t *Tx) TailPart(runID int64, stream ballast.Stream, from, to int64) ([]Chunk, error) {
	var all []Chunk
	err := t.each("SELECT row0, nrow, data FROM tail WHERE run=? AND kind=? AND row0>=? AND row0<? ORDER BY row0", []any{runID, int(stream), from, to}, func(s scannable) error {
		var c Chunk
		err := s.Scan(&c.Row0, &c.Rows, &c.Data)
		all = append(all, c)
		return err
	})
	return all, err
}
