package meta

import (
	"time"

	"github.com/ballast-ml/ballast"
)

// Fence names a job's lease: the transaction that makes its work visible
// checks it, so that a replica that woke up late changes nothing. The zero
// Fence checks nothing, for queues outside the database.
type Fence struct {
	Job   int64
	Token string
	For   time.Duration // the lease is extended by this
}

func (t *Tx) checkFence(f Fence) error {
	if f.Job == 0 {
		return nil
	}
	return t.ExtendJob(f.Job, f.Token, now().Add(f.For))
}

// NoteObject puts an object on the collector's list. It must be durable before
// the object is put, so that what a crash leaves behind is found.
func (t *Tx) NoteObject(name string, store int, bytes int64, now time.Time) error {
	_, err := t.exec("INSERT INTO object (name, store, bytes, created) VALUES (?,?,?,?)", name, store, bytes, micros(now))
	return err
}

// Swap replaces rows [From, To) of a stream by one segment.
type Swap struct {
	Run    int64
	Stream ballast.Stream
	From   int64
	To     int64
	Gen    int64 // of the run when the rows were read
	Chunks int   // how many chunks the rows were in; 0: not checked
	Fence  Fence
	New    Segment
	Old    []Segment // for MergeSegments: what New was made of
}

// SealRows makes a segment visible in the place of the tail's chunks of the
// same rows. It reports false, and changes nothing, when the rows were sealed
// or set aside meanwhile, or when the collector took the object.
func (t *Tx) SealRows(s Swap) (bool, error) {
	h, err := t.lockRun(s.Run)
	if err != nil {
		return false, err
	}
	if h.gen != s.Gen || h.sealed[s.Stream] != s.From || h.nrow[s.Stream] < s.To {
		return false, nil
	}
	if same, err := t.sameChunks(s); err != nil || !same {
		return false, err
	}
	if ok, err := t.claimObject(s); err != nil || !ok {
		return false, err
	}
	if err := t.insertSegments(s.New); err != nil {
		return false, err
	}
	if _, err := t.exec("DELETE FROM tail WHERE run=? AND kind=? AND row0>=? AND row0<?", s.Run, int(s.Stream), s.From, s.To); err != nil {
		return false, err
	}
	h.sealed[s.Stream] = s.To
	h.ver++
	if err := t.recountTail(h); err != nil {
		return false, err
	}
	h.tailSince = 0
	if h.tailChunks > 0 {
		if err := t.tailAge(h, s.New); err != nil {
			return false, err
		}
	}
	return true, t.saveSegments(h)
}

// saveSegments saves a run of which segments, or what is hidden of them, changed.
func (t *Tx) saveSegments(h *hist) error {
	if err := t.runManifestDue(h.run); err != nil {
		return err
	}
	return t.saveHist(h)
}

// sameChunks reports whether the rows are still in as many chunks: lines of a
// hole may have come while the segment was written, and they are not in it.
func (t *Tx) sameChunks(s Swap) (bool, error) {
	if s.Chunks == 0 {
		return true, nil
	}
	var n int
	err := t.row("SELECT COUNT(*) FROM tail WHERE run=? AND kind=? AND row0>=? AND row0<?", s.Run, int(s.Stream), s.From, s.To).Scan(&n)
	return n == s.Chunks, err
}

// tailAge dates the chunks that came while a segment was written: not before
// its object was noted.
func (t *Tx) tailAge(h *hist, s Segment) error {
	return t.row("SELECT created FROM object WHERE name=?", s.Object).Scan(&h.tailSince)
}

// claimObject checks the lease, and that the collector did not give the object
// up, and notes its size.
func (t *Tx) claimObject(s Swap) (bool, error) {
	if err := t.checkFence(s.Fence); err != nil {
		return false, err
	}
	res, err := t.exec("UPDATE object SET bytes=? WHERE name=? AND bytes>=0", s.New.Bytes, s.New.Object)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (t *Tx) insertSegments(all ...Segment) error {
	b := batch{t: t, table: "segment", columns: segmentColumns, width: 15}
	for _, g := range all {
		var dir any
		if g.Dir != nil {
			dir = g.Dir
		}
		b.args = append(b.args, g.Run, int(g.Stream), g.Row0, g.Rows, g.Visible, g.Level, g.Store, g.Object, g.Bytes, g.Points,
			g.StepMin, g.StepMax, g.DirOff, g.DirLen, dir)
		if err := b.added(len(g.Dir)); err != nil {
			return err
		}
	}
	return b.flush()
}

// MergeSegments makes one segment visible in the place of several. It reports
// false when one of them changed meanwhile.
func (t *Tx) MergeSegments(s Swap) (bool, error) {
	h, err := t.lockRun(s.Run)
	if err != nil || h.gen != s.Gen {
		return false, err
	}
	now, err := t.Segments(s.Run, s.Stream)
	if err != nil {
		return false, err
	}
	have := map[int64]Segment{}
	for _, g := range now {
		have[g.Row0] = g
	}
	for _, old := range s.Old {
		if g := have[old.Row0]; g.Object != old.Object || g.Visible != old.Visible {
			return false, nil
		}
	}
	if ok, err := t.claimObject(s); err != nil || !ok {
		return false, err
	}
	for _, old := range s.Old {
		if _, err := t.exec("DELETE FROM segment WHERE run=? AND kind=? AND row0=?", s.Run, int(s.Stream), old.Row0); err != nil {
			return false, err
		}
		// The grace starts when readers may still have the old list in hand.
		if _, err := t.exec("UPDATE object SET created=? WHERE name=?", micros(time.Now()), old.Object); err != nil {
			return false, err
		}
	}
	if err := t.insertSegments(s.New); err != nil {
		return false, err
	}
	h.ver++
	return true, t.saveSegments(h)
}

// FoldChunks replaces consecutive chunks of a stream by one with the same
// rows. It reports false when they changed meanwhile.
func (t *Tx) FoldChunks(run int64, stream ballast.Stream, gen int64, old []Chunk, data []byte, f Fence) (bool, error) {
	h, err := t.lockRun(run)
	if err != nil || h.gen != gen || len(old) == 0 {
		return false, err
	}
	from, rows := old[0].Row0, int64(0)
	for _, c := range old {
		rows += int64(c.Rows)
	}
	var n, have int64
	err = t.row("SELECT COUNT(*), COALESCE(SUM(nrow), 0) FROM tail WHERE run=? AND kind=? AND row0>=? AND row0<?", run, int(stream), from, from+rows).Scan(&n, &have)
	if err != nil || n != int64(len(old)) || have != rows {
		return false, err
	}
	if err := t.checkFence(f); err != nil {
		return false, err
	}
	if _, err := t.exec("DELETE FROM tail WHERE run=? AND kind=? AND row0>=? AND row0<?", run, int(stream), from, from+rows); err != nil {
		return false, err
	}
	if _, err := t.exec("INSERT INTO tail (run, kind, row0, nrow, data) VALUES (?,?,?,?,?)", run, int(stream), from, rows, data); err != nil {
		return false, err
	}
	if err := t.recountTail(h); err != nil {
		return false, err
	}
	return true, t.saveHist(h)
}

// SealRule says when a tail is worth sealing or folding.
type SealRule struct {
	Bytes    int64
	Chunks   int
	Ended    time.Duration // since the run ended
	Age      time.Duration // since the first chunk came, with at least
	AgeBytes int64
}

// SealDue returns runs whose tail is due by the rule, at most limit.
func (t *Tx) SealDue(r SealRule, now time.Time, limit int) ([]int64, error) {
	var runs []int64
	err := t.each("SELECT run FROM hist WHERE tail_chunks>0 AND (tail_bytes>=? OR tail_chunks>=? OR tail_since<=? AND tail_bytes>=? OR ended>0 AND ended<=?) ORDER BY tail_since LIMIT ?",
		[]any{r.Bytes, r.Chunks, micros(now.Add(-r.Age)), r.AgeBytes, micros(now.Add(-r.Ended)), limit}, func(s scannable) error {
			var run int64
			err := s.Scan(&run)
			runs = append(runs, run)
			return err
		})
	return runs, err
}

// OpenHoles returns where the first hole of a stream that was noted after a
// time begins, as a row number; -1 when there is none. What came after a fresh
// hole is not sealed yet, since its lines may still come.
func (t *Tx) OpenHoles(run int64, stream ballast.Stream, since time.Time) (int64, error) {
	live, err := t.readHist([]int64{run})
	if err != nil || live[run] == nil || live[run].gaps == 0 {
		return -1, err
	}
	h, line := live[run], int64(-1)
	err = t.row("SELECT COALESCE(MIN(line0), -1) FROM gap WHERE run=? AND kind=? AND noted>?", run, int(stream), micros(since)).Scan(&line)
	if err != nil || line < 0 {
		return -1, err
	}
	return line + h.nrow[stream] - h.lines[stream], nil
}

// TailTotal is how much all tails hold, in bytes.
func (t *Tx) TailTotal() (int64, error) {
	var n int64
	err := t.row("SELECT COALESCE(SUM(tail_bytes), 0) FROM hist").Scan(&n)
	return n, err
}

// CompactDue returns streams that have at least n segments of one level, at
// most limit.
func (t *Tx) CompactDue(n, maxLevel, limit int) ([]StreamRef, error) {
	var all []StreamRef
	err := t.each("SELECT run, kind FROM segment WHERE level<? GROUP BY run, kind, level HAVING COUNT(*)>=? ORDER BY run LIMIT ?", []any{maxLevel, n, limit}, func(s scannable) error {
		var r StreamRef
		err := s.Scan(&r.Run, &r.Stream)
		all = append(all, r)
		return err
	})
	return all, err
}

// StreamRef names a stream of a run.
type StreamRef struct {
	Run    int64
	Stream ballast.Stream
}
