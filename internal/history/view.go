package history

import "context"

// View is a stretch of a stream's rows that can be read: a [Segment] or a
// [Tail]. A reader asks each view of a run, in row order, and passes the same
// destination to all.
type View interface {
	// RowRange returns the rows that are visible: from <= row < to.
	RowRange() (from, to int64)
	// Series appends the values of key in the range to dst, numbers and
	// JSON. A key that is absent appends nothing.
	Series(ctx context.Context, key string, r Range, dst *Points) error
	// Buckets adds the numbers of key to the buckets of dst's grid, from
	// levels of detail where these are exact, otherwise from raw values.
	Buckets(ctx context.Context, key string, dst *Buckets) error
	// Table adds the rows within dst's range, all keys.
	Table(ctx context.Context, dst *Table) error
	// Catalogue adds what is known of each key.
	Catalogue(ctx context.Context, dst *Catalogue) error
}
