package meta

import (
	"slices"
	"time"
)

// ConsoleChunk is one request's console lines at rest.
type ConsoleChunk struct {
	Seq   int64
	Line0 int64
	Lines int
	Data  []byte
}

// ConsoleBlock is a sealed part of a run's console: lines [Line0, Line0+Lines)
// as they stood when versions below Seq were known.
type ConsoleBlock struct {
	Line0   int64
	Lines   int
	Seq     int64
	Store   int
	Object  string
	Off     int64
	Len     int64
	Levels  uint64 // bit set of the levels that occur
	TimeMin int64  // microseconds, 0: no line has a time
	TimeMax int64
}

// ConsoleView is everything that is known of a run's console at one moment.
type ConsoleView struct {
	Lines  int64 // the number of lines
	Gen    int64 // of the run
	Ended  bool  // the run has ended
	Seq    int64 // of the next version
	Blocks []ConsoleBlock
	Chunks []ConsoleChunk // in order of Seq; of two versions of a line the later wins
}

// ConsoleView returns what covers a run's console lines [from, to); to < 0 is
// the end.
func (t *Tx) ConsoleView(runID, from, to int64) (ConsoleView, error) {
	live, err := t.readHist([]int64{runID})
	if err != nil {
		return ConsoleView{}, err
	}
	if live[runID] == nil {
		return ConsoleView{}, notFound("run %d does not exist", runID)
	}
	v := ConsoleView{Lines: live[runID].lines[2], Gen: live[runID].gen, Seq: live[runID].oSeq, Ended: live[runID].state.Ended()}
	if to < 0 || to > v.Lines {
		to = v.Lines
	}
	err = t.each("SELECT seq, line0, line_count, data FROM console WHERE run=? AND line0<? AND line0+line_count>? ORDER BY seq", []any{runID, to, from}, func(s scannable) error {
		var c ConsoleChunk
		err := s.Scan(&c.Seq, &c.Line0, &c.Lines, &c.Data)
		v.Chunks = append(v.Chunks, c)
		return err
	})
	if err != nil {
		return v, err
	}
	err = t.each("SELECT line0, line_count, seq, store, object, off, len, levels, time_min, time_max FROM console_block WHERE run=? AND line0<? AND line0+line_count>? ORDER BY line0",
		[]any{runID, to, from}, func(s scannable) error {
			var b ConsoleBlock
			var levels int64
			err := s.Scan(&b.Line0, &b.Lines, &b.Seq, &b.Store, &b.Object, &b.Off, &b.Len, &levels, &b.TimeMin, &b.TimeMax)
			b.Levels = uint64(levels)
			v.Blocks = append(v.Blocks, b)
			return err
		})
	return v, err
}

// ConsoleSwap replaces the versions Old of a run's console by Chunks, which
// hold the same lines as they stand, and Blocks.
type ConsoleSwap struct {
	Run    int64
	Gen    int64
	Fence  Fence
	Old    []ConsoleChunk // Seq is enough
	Chunks []ConsoleChunk // Seq is given: not more than Old
	Object string         // "" when there are no blocks
	Bytes  int64
	Blocks []ConsoleBlock
}

// SwapConsole does a swap. It reports false, and changes nothing, when the
// versions changed meanwhile or the collector took the object.
func (t *Tx) SwapConsole(s ConsoleSwap) (bool, error) {
	h, err := t.lockRun(s.Run)
	if err != nil || h.gen != s.Gen {
		return false, err
	}
	for part := range slices.Chunk(s.Old, 500) {
		args := []any{s.Run}
		for _, c := range part {
			args = append(args, c.Seq)
		}
		var n int
		where := " FROM console WHERE run=? AND seq IN (" + placeholders(len(part)) + ")"
		if err := t.row("SELECT COUNT(*)"+where, args...).Scan(&n); err != nil || n != len(part) {
			return false, err
		}
	}
	if s.Object != "" {
		if ok, err := t.claimObject(Swap{Fence: s.Fence, New: Segment{Object: s.Object, Bytes: s.Bytes}}); err != nil || !ok {
			return false, err
		}
	} else if err := t.checkFence(s.Fence); err != nil {
		return false, err
	}
	if err := t.replaceConsole(s); err != nil {
		return false, err
	}
	h.ver++
	return true, t.saveHist(h)
}

func (t *Tx) replaceConsole(s ConsoleSwap) error {
	for part := range slices.Chunk(s.Old, 500) {
		args := []any{s.Run}
		for _, c := range part {
			args = append(args, c.Seq)
		}
		if _, err := t.exec("DELETE FROM console WHERE run=? AND seq IN ("+placeholders(len(part))+")", args...); err != nil {
			return err
		}
	}
	chunks := batch{t: t, table: "console", columns: "run, seq, line0, line_count, data", width: 5}
	for i, c := range s.Chunks {
		chunks.args = append(chunks.args, s.Run, s.Old[i].Seq, c.Line0, c.Lines, c.Data)
		if err := chunks.added(len(c.Data)); err != nil {
			return err
		}
	}
	if err := chunks.flush(); err != nil {
		return err
	}
	blocks := batch{t: t, table: "console_block", columns: "run, line0, line_count, seq, store, object, off, len, levels, time_min, time_max", width: 11}
	for _, b := range s.Blocks {
		blocks.args = append(blocks.args, s.Run, b.Line0, b.Lines, b.Seq, b.Store, s.Object, b.Off, b.Len, int64(b.Levels), b.TimeMin, b.TimeMax)
		if err := blocks.added(0); err != nil {
			return err
		}
	}
	return blocks.flush()
}

// ConsoleDue returns runs whose console has at least n versions at rest, or
// more than one and ended before a time; at most limit.
func (t *Tx) ConsoleDue(n int, ended time.Time, limit int) ([]int64, error) {
	var runs []int64
	err := t.each("SELECT c.run FROM console c JOIN hist h ON h.run=c.run GROUP BY c.run, h.ended HAVING COUNT(*)>=? OR COUNT(*)>1 AND h.ended>0 AND h.ended<? ORDER BY c.run LIMIT ?",
		[]any{n, micros(ended), limit}, func(s scannable) error {
			var run int64
			err := s.Scan(&run)
			runs = append(runs, run)
			return err
		})
	return runs, err
}
