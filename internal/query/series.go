package query

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	// joinWindow is how many rows are joined at a time: it bounds memory.
	joinWindow = 1 << 16
	// maxFetches bounds the objects read at once by the whole process.
	maxFetches = 64
)

// stream is one stream of a run as of one snapshot, opened for reading.
type stream struct {
	run   int64
	live  ballast.Live
	rows  int64          // the next row number
	views []history.View // segments, then the tail; in row order but for chunks that came late
	bytes int64          // of the tail, held in memory
	segs  []meta.Segment
	tails []*history.Tail

	hidden []history.Hidden // values that were deleted
}

// open takes a snapshot of a stream and opens its segments and tail.
func (q *Query) open(ctx context.Context, runID int64, which ballast.Stream) (*stream, error) {
	var v meta.StreamView
	err := q.db.Read(ctx, func(tx *meta.Tx) (err error) {
		v, err = tx.StreamView(runID, which)
		return err
	})
	if err != nil {
		return nil, err
	}
	return q.openView(ctx, v)
}

func (q *Query) openView(ctx context.Context, v meta.StreamView) (*stream, error) {
	s := &stream{run: v.Run, live: v.Live, rows: v.Rows, segs: v.Segments, hidden: hiddenOf(v.Erased)}
	for i := range v.Segments {
		if v.Segments[i].Visible == 0 {
			continue
		}
		seg, err := q.openSegment(ctx, &v.Segments[i])
		if err != nil {
			return nil, err
		}
		s.views = append(s.views, history.Hide(&told{seg, partOf(&v.Segments[i])}, s.hidden))
	}
	// A chunk that came late, into a hole of sealed rows, is in the tail until
	// it is merged.
	late := sort.Search(len(v.Tail), func(i int) bool { return v.Tail[i].Row0 >= v.Sealed })
	for _, part := range [][]meta.Chunk{v.Tail[:late], v.Tail[late:]} {
		if err := s.addTail(part); err != nil {
			return nil, tell(fmt.Errorf("tail of run %d, %s: %w", v.Run, v.Stream, err), fmt.Sprintf("the newest rows of %s, from row %d on,", v.Stream, part[0].Row0))
		}
	}
	return s, nil
}

// addTail opens chunks and adds them to the views.
func (s *stream) addTail(part []meta.Chunk) error {
	if len(part) == 0 {
		return nil
	}
	chunks := make([]history.TailChunk, len(part))
	for i, c := range part {
		chunks[i] = history.TailChunk{Row0: c.Row0, Rows: c.Rows, Data: c.Data}
		s.bytes += int64(len(c.Data))
	}
	tail, err := history.OpenTail(chunks)
	if err != nil {
		return err
	}
	s.tails = append(s.tails, tail)
	s.views = append(s.views, history.Hide(&told{tail, fmt.Sprintf("the newest rows, from row %d on,", part[0].Row0)}, s.hidden))
	return nil
}

// segmentKey names an opened segment: a fork may see less of the same object.
type segmentKey struct {
	object  string
	visible int64
}

// openSegment opens a sealed object by its directory. Objects never change, so
// what was opened is kept.
func (q *Query) openSegment(ctx context.Context, m *meta.Segment) (history.View, error) {
	key := segmentKey{object: m.Object, visible: m.Visible}
	if seg, ok := q.segments.Get(key); ok {
		return seg, nil
	}
	fetch := q.fetcher(m.Store, m.Object)
	dir := m.Dir
	if dir == nil {
		var err error
		if dir, err = fetch(ctx, m.DirOff, m.DirLen); err != nil {
			return nil, err
		}
	}
	seg, err := history.OpenSegment(dir, fetch, history.SegmentOptions{Name: m.Object, Visible: m.Row0 + m.Visible, Cache: q.pages})
	if err != nil {
		return nil, tell(fmt.Errorf("segment %s of run %d: %w", m.Object, m.Run, err), partOf(m))
	}
	q.segments.Add(key, seg)
	return seg, nil
}

// fetcher reads ranges of one object.
func (q *Query) fetcher(store int, object string) history.Fetch {
	return func(ctx context.Context, off, n int64) ([]byte, error) {
		bucket := q.stores[store]
		if bucket == nil {
			return nil, ballast.Errorf(ballast.Unavailable, "store %d, which holds a part of the run, is not set up here", store)
		}
		select {
		case q.fetches <- struct{}{}:
			defer func() { <-q.fetches }()
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := bucket.Get(ctx, object, off, n)
		if err != nil {
			return nil, ballast.Wrap(ballast.Unavailable, err, "a part of the run cannot be read; try again")
		}
		defer r.Close()
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, ballast.Wrap(ballast.Unavailable, fmt.Errorf("object %s, %d bytes at %d: %w", object, n, off, err), "a part of the run cannot be read; try again")
		}
		return b, nil
	}
}

// series appends the values of a key in a range to dst.
func (s *stream) series(ctx context.Context, key string, r history.Range, dst *history.Points) error {
	for _, v := range s.views {
		if from, to := v.RowRange(); from >= r.RowTo || to <= r.RowFrom {
			continue
		}
		if err := v.Series(ctx, key, r, dst); err != nil {
			return fmt.Errorf("key %.80q of run %d: %w", key, s.run, err)
		}
	}
	if !slices.IsSorted(dst.Row) {
		sortByRow(dst)
	}
	return nil
}

// sortByRow puts values of several views into row order.
func sortByRow(p *history.Points) {
	old := *p
	order := make([]int, p.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(old.Row[a], old.Row[b]) })
	*p = history.Points{Key: old.Key, All: old.All}
	for _, i := range order {
		p.Row, p.Step, p.Value = append(p.Row, old.Row[i]), append(p.Step, old.Step[i]), append(p.Value, old.Value[i])
		if old.Form != nil {
			p.Form = append(p.Form, old.Form[i])
		}
		if old.JSON != nil {
			p.JSON = append(p.JSON, old.JSON[i])
		}
	}
}

// buckets returns the values of a key on a grid.
func (s *stream) buckets(ctx context.Context, key string, g history.Grid) (*history.Buckets, error) {
	b := history.NewBuckets(g)
	for _, v := range s.views {
		if err := v.Buckets(ctx, key, b); err != nil {
			return nil, fmt.Errorf("key %.80q of run %d: %w", key, s.run, err)
		}
	}
	return b, nil
}

// visible is how many rows there are, those of holes included.
func (s *stream) visible() int64 { return countRows(s.spans()) }

// steps returns the lowest and the highest step of the stream; ok is false
// when it has no rows.
func (s *stream) steps(ctx context.Context) (low, high int64, ok bool, err error) {
	low, high = math.MaxInt64, math.MinInt64
	for i := range s.segs {
		low, high = min(low, s.segs[i].StepMin), max(high, s.segs[i].StepMax)
	}
	for _, tail := range s.tails {
		var p history.Points
		if err := tail.Series(ctx, "_step", history.All(), &p); err != nil {
			return 0, 0, false, fmt.Errorf("steps of run %d: %w", s.run, err)
		}
		for _, step := range p.Step {
			low, high = min(low, step), max(high, step)
		}
		// Rows without a step count as their own number.
		if from, to := tail.RowRange(); int64(p.Len()) < to-from {
			low, high = min(low, from), max(high, to-1)
		}
	}
	return low, high, low <= high, nil
}

// candidates are the keys that a name can stand for: a nested key, or a name
// that has the dot itself (as all system metrics have). Special cases, a dotted
// name above a nested one, are left to storedKeys.
func candidates(name string, which ballast.Stream) []string {
	if !strings.ContainsAny(name, `.\`) {
		return []string{name}
	}
	if which == ballast.Events {
		return []string{history.EscapeKey(name), name}
	}
	return []string{name, history.EscapeKey(name)}
}

// firstFound calls read with the keys that a name can stand for until one has
// values.
func (q *Query) firstFound(ctx context.Context, s *stream, which ballast.Stream, name string, read func(key string) (found bool, err error)) error {
	keys := candidates(name, which)
	for _, key := range keys {
		if found, err := read(key); found || err != nil {
			return err
		}
	}
	if len(keys) == 1 {
		return nil
	}
	stored, err := q.storedKeys(ctx, s, which, []string{name})
	if err != nil || slices.Contains(keys, stored[0]) {
		return err
	}
	_, err = read(stored[0])
	return err
}

// joined is one row that has all the keys that were asked for.
type joined struct {
	row, step int64
	points    []history.Points
	at        []int // the row's place in each of points
}

// join calls fn for each row in a range that has all keys, in row order. Keys
// are joined by row number, never by step, which may repeat.
func (s *stream) join(ctx context.Context, keys []string, r history.Range, fn func(j *joined) error) error {
	spans := s.spans()
	if len(spans) == 0 || len(keys) == 0 {
		return nil
	}
	first, last := spans[0].from, spans[len(spans)-1].to
	j := joined{points: make([]history.Points, len(keys)), at: make([]int, len(keys))}
	for from := max(first, r.RowFrom); from < min(last, r.RowTo); from += joinWindow {
		part := r
		part.RowFrom, part.RowTo = from, min(from+joinWindow, last, r.RowTo)
		for k, key := range keys {
			j.points[k].Reset(key)
			if err := s.series(ctx, key, part, &j.points[k]); err != nil {
				return err
			}
			j.at[k] = 0
			if j.points[k].Len() == 0 {
				break
			}
		}
		if err := j.each(fn); err != nil {
			return err
		}
	}
	return nil
}

// each walks the rows that all points have.
func (j *joined) each(fn func(*joined) error) error {
	for {
		high := int64(-1)
		for k := range j.points {
			if j.at[k] >= j.points[k].Len() {
				return nil
			}
			high = max(high, j.points[k].Row[j.at[k]])
		}
		all := true
		for k := range j.points {
			p := &j.points[k]
			for j.at[k] < p.Len() && p.Row[j.at[k]] < high {
				j.at[k]++
			}
			all = all && j.at[k] < p.Len() && p.Row[j.at[k]] == high
		}
		if !all {
			continue
		}
		j.row, j.step = high, j.points[0].Step[j.at[0]]
		if err := fn(j); err != nil {
			return err
		}
		for k := range j.at {
			j.at[k]++
		}
	}
}

// value returns the k-th key's value, and whether it is a number.
func (j *joined) value(k int) (float64, bool) {
	p := &j.points[k]
	return p.Value[j.at[k]], p.FormAt(j.at[k]) != history.JSON
}
