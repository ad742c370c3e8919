package history

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
)

// TailChunk is a chunk at its place in the stream.
type TailChunk struct {
	Row0 int64 // number of its first row
	Rows int   // visible rows, at most what Data has
	Data []byte
}

// Tail is a list of chunks in row order: a View and a Source. It is safe for
// concurrent use.
type Tail struct {
	parts []tailPart
}

type tailPart struct {
	row0  int64
	rows  int
	chunk *Chunk
	steps func() ([]int64, error)
}

// OpenTail opens chunks, which must be in row order.
func OpenTail(chunks []TailChunk) (*Tail, error) {
	t := &Tail{parts: make([]tailPart, 0, len(chunks))}
	for _, tc := range chunks {
		c, err := OpenChunk(tc.Data)
		if err != nil {
			return nil, err
		}
		if n := len(t.parts); n > 0 && tc.Row0 < t.parts[n-1].row0+int64(t.parts[n-1].rows) {
			return nil, damaged("the tail of a stream", errTwice)
		}
		t.parts = append(t.parts, tailPart{row0: tc.Row0, rows: min(tc.Rows, c.rows), chunk: c,
			steps: sync.OnceValues(func() ([]int64, error) { return c.Steps(tc.Row0, nil) })})
	}
	return t, nil
}

// RowRange implements View.
func (t *Tail) RowRange() (from, to int64) {
	if len(t.parts) == 0 {
		return 0, 0
	}
	last := t.parts[len(t.parts)-1]
	return t.parts[0].row0, last.row0 + int64(last.rows)
}

// Values implements Source.
func (t *Tail) Values() int64 {
	n := int64(0)
	for i := range t.parts {
		t.parts[i].chunk.each(func(_ []byte, e dirEntry) error { // checked when it was opened
			n += int64(e.vals)
			return nil
		})
	}
	return n
}

// Series implements View.
func (t *Tail) Series(_ context.Context, key string, r Range, dst *Points) error {
	var p Points
	for i := range t.parts {
		part := &t.parts[i]
		if part.row0 >= r.RowTo || part.row0+int64(part.rows) <= r.RowFrom {
			continue
		}
		p.Reset(key)
		if err := part.chunk.values(key, part.row0, &p); err != nil {
			return damaged("a chunk of history", err)
		}
		if err := part.finish(&p); err != nil {
			return err
		}
		dst.appendRange(&p, r)
	}
	return nil
}

// finish cuts what is not visible and fills in the steps.
func (t *tailPart) finish(p *Points) error {
	if p.Len() == 0 {
		return nil
	}
	n := p.Len()
	for n > 0 && p.Row[n-1] >= t.row0+int64(t.rows) {
		n--
	}
	p.truncate(n)
	steps, err := t.steps()
	if err != nil {
		return err
	}
	p.Step = p.Step[:0]
	for _, row := range p.Row {
		p.Step = append(p.Step, steps[row-t.row0])
	}
	return nil
}

// appendRange appends the values of q that are in a range.
func (p *Points) appendRange(q *Points, r Range) {
	for from := 0; from < q.Len(); {
		if !r.has(q.Row[from], q.Step[from]) {
			from++
			continue
		}
		to := from + 1
		for to < q.Len() && r.has(q.Row[to], q.Step[to]) {
			to++
		}
		p.append(q, from, to)
		from = to
	}
}

// Buckets implements View.
func (t *Tail) Buckets(ctx context.Context, key string, dst *Buckets) error {
	p := Points{Key: key}
	if err := t.Series(ctx, key, Steps(dst.Grid.Start, dst.Grid.End()), &p); err != nil {
		return err
	}
	dst.Add(&p)
	return nil
}

// Table implements View.
func (t *Tail) Table(ctx context.Context, dst *Table) error {
	return t.scan(ctx, func(part *tailPart) bool {
		return part.row0 < dst.to && part.row0+int64(part.rows) > dst.from
	}, dst.wants, func(p *Points) error {
		dst.Add(p)
		return nil
	})
}

// Catalogue implements View.
func (t *Tail) Catalogue(ctx context.Context, dst *Catalogue) error {
	return t.Scan(ctx, func(p *Points) error {
		dst.Add(p)
		return nil
	})
}

// Scan implements Source.
func (t *Tail) Scan(ctx context.Context, yield func(*Points) error) error {
	return t.scan(ctx, func(*tailPart) bool { return true }, func(string) bool { return true }, yield)
}

// place is where a column of a chunk is.
type place struct {
	key  []byte
	part int
	at   int // among all, as the directories have them
	dirEntry
}

// scan yields the series of some parts, sorted by key, each part's values in a
// piece of its own.
func (t *Tail) scan(ctx context.Context, want func(*tailPart) bool, wantKey func(string) bool, yield func(*Points) error) error {
	var places []place
	for i := range t.parts {
		if !want(&t.parts[i]) {
			continue
		}
		t.parts[i].chunk.each(func(key []byte, e dirEntry) error { // checked when it was opened
			places = append(places, place{key, i, len(places), e})
			return nil
		})
	}
	slices.SortFunc(places, func(a, b place) int { // much faster than a stable sort
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	var p Points
	for i := 0; i < len(places); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := i + 1
		for n < len(places) && places[n].part == places[i].part && bytes.Equal(places[n].key, places[i].key) {
			n++
		}
		key := string(places[i].key)
		if wantKey(key) {
			if err := t.piece(key, places[i:n], &p); err != nil {
				return err
			}
			if p.Len() > 0 {
				if err := yield(&p); err != nil {
					return err
				}
			}
		}
		i = n
	}
	return nil
}

// piece decodes the numbers and the other values of one key in one part.
func (t *Tail) piece(key string, places []place, p *Points) error {
	part := &t.parts[places[0].part]
	p.Reset(key)
	for i, e := range places {
		if i > 1 {
			return damaged("a chunk of history", errTwice)
		}
		start := p.Len()
		if err := part.chunk.decode(e.dirEntry, part.row0, p); err != nil {
			return damaged("a chunk of history", err)
		}
		if i == 1 {
			if err := p.merge(0, start); err != nil {
				return damaged("a chunk of history", err)
			}
		}
	}
	return part.finish(p)
}
