package history

import (
	"context"
	"io"
)

// EscapeKey returns the key of a top-level name: '.' and '\' get a '\' before.
func EscapeKey(name string) string { panic("TODO") }

// JoinKey returns the key of nested names: each escaped, joined by dots.
func JoinKey(path ...string) string { panic("TODO") }

// SplitKey returns the names that a key joins.
func SplitKey(key string) []string { panic("TODO") }

// Builder collects rows and encodes them as one chunk. It may be reused.
type Builder struct{}

func (b *Builder) Reset()                                     { panic("TODO") }
func (b *Builder) Row()                                       { panic("TODO") } // begins a row
func (b *Builder) Rows() int                                  { panic("TODO") }
func (b *Builder) Number(key []byte, v float64, integer bool) { panic("TODO") }
func (b *Builder) JSON(key, text []byte)                      { panic("TODO") }
func (b *Builder) Append(dst []byte) []byte                   { panic("TODO") } // the encoded chunk

// Chunk reads an encoded chunk. Opening checks the checksum and the directory.
type Chunk struct{}

func OpenChunk(data []byte) (*Chunk, error) { panic("TODO") }

func (c *Chunk) Rows() int      { panic("TODO") }
func (c *Chunk) Keys() []string { panic("TODO") } // each once, in stored order

// Column appends the values of one key; row numbers count from row0.
func (c *Chunk) Column(key string, row0 int64, dst *Points) error { panic("TODO") }

// Steps appends the step of every row: its _step, or its row number.
func (c *Chunk) Steps(row0 int64, dst []int64) ([]int64, error) { panic("TODO") }

// RowHashes appends a stable 64-bit hash of each row's content (never 0), the
// same for the same keys and values in any order.
func (c *Chunk) RowHashes(dst []uint64) ([]uint64, error) { panic("TODO") }

// CutRows returns a chunk of rows from <= i < to of a chunk.
func CutRows(data []byte, from, to int) ([]byte, error) { panic("TODO") }

// MergeChunks returns one chunk of the rows of all.
func MergeChunks(chunks ...[]byte) ([]byte, error) { panic("TODO") }

// AssignSteps returns the chunk with _step first, first+1, … in its rows.
func AssignSteps(data []byte, first int64) ([]byte, error) { panic("TODO") }

// TailChunk is a chunk at its place in the stream.
type TailChunk struct {
	Row0 int64 // number of its first row
	Rows int   // visible rows, at most what Data has
	Data []byte
}

// Tail is a list of chunks in row order: a View and a Source.
type Tail struct{}

func OpenTail(chunks []TailChunk) (*Tail, error)                                   { panic("TODO") }
func (t *Tail) RowRange() (from, to int64)                                         { panic("TODO") }
func (t *Tail) Series(ctx context.Context, key string, r Range, dst *Points) error { panic("TODO") }
func (t *Tail) Buckets(ctx context.Context, key string, dst *Buckets) error        { panic("TODO") }
func (t *Tail) Table(ctx context.Context, dst *Table) error                        { panic("TODO") }
func (t *Tail) Catalogue(ctx context.Context, dst *Catalogue) error                { panic("TODO") }

// Source gives series in ascending order of key, each as pieces in row order.
type Source interface {
	// RowRange returns the rows that it covers: from <= row < to.
	RowRange() (from, to int64)
	// Scan calls yield for pieces of every series, sorted by (key, row). The
	// Points are valid during the call.
	Scan(ctx context.Context, yield func(*Points) error) error
}

func (t *Tail) Scan(ctx context.Context, yield func(*Points) error) error    { panic("TODO") }
func (s *Segment) Scan(ctx context.Context, yield func(*Points) error) error { panic("TODO") }

// SegmentInfo is what SQL keeps about a segment.
type SegmentInfo struct {
	Row0, Rows       int64
	Points           int64 // values, numbers and JSON
	Keys             int
	StepMin, StepMax int64
	Bytes            int64
	DirOff, DirLen   int64
	Dir              []byte // the directory's top: store it with the pointer when it is at most MaxInlineDir
}

// MaxInlineDir is the longest directory that belongs into SQL.
const MaxInlineDir = 64 << 10

// WriteOptions are for tests and for measuring; the zero value is right.
type WriteOptions struct {
	PageRows  int // values of a page, 32768
	GroupRows int // values of a row group, 262144
}

// WriteSegment writes one object from sources whose rows follow each other.
func WriteSegment(ctx context.Context, w io.Writer, sources []Source, o WriteOptions) (SegmentInfo, error) {
	panic("TODO")
}

// Fetch reads n bytes of the object at off. The result is not kept or changed.
type Fetch func(ctx context.Context, off, n int64) ([]byte, error)

// SegmentOptions say what of a segment is visible and where pages are kept.
type SegmentOptions struct {
	Name    string     // of the object, for the cache and for errors
	Visible int64      // rows with a number below are visible; 0: all
	Cache   *PageCache // nil: none
}

// Segment reads a sealed object.
type Segment struct{}

// OpenSegment reads the directory's top: SegmentInfo.Dir, or the object's bytes
// [DirOff, DirOff+DirLen).
func OpenSegment(dir []byte, fetch Fetch, o SegmentOptions) (*Segment, error) { panic("TODO") }

func (s *Segment) RowRange() (from, to int64)                                         { panic("TODO") }
func (s *Segment) Series(ctx context.Context, key string, r Range, dst *Points) error { panic("TODO") }
func (s *Segment) Buckets(ctx context.Context, key string, dst *Buckets) error        { panic("TODO") }
func (s *Segment) Table(ctx context.Context, dst *Table) error                        { panic("TODO") }
func (s *Segment) Catalogue(ctx context.Context, dst *Catalogue) error                { panic("TODO") }

// PageCache keeps decoded pages, least recently used first out. Safe for
// concurrent use.
type PageCache struct{}

func NewPageCache(bytes int64) *PageCache { panic("TODO") }

// Table collects rows of a range of row numbers and prints them as JSON.
type Table struct{}

// NewTable returns a table for rows with from <= number < to. With keys, only
// these are read.
func NewTable(from, to int64, keys ...string) *Table { panic("TODO") }
func (t *Table) Add(p *Points)                       { panic("TODO") } // rows outside are skipped
func (t *Table) Has(row int64, keys ...string) bool  { panic("TODO") } // the row has all of keys
func (t *Table) Step(row int64) (int64, bool)        { panic("TODO") } // false: no such row was added

// RowOptions say how a row is printed.
type RowOptions struct {
	Flat   bool // dotted keys as they are ("dict.val1"), instead of nested objects
	Quoted bool // NaN and ±Infinity as strings, for browsers
}

// AppendRowJSON appends row as a JSON object; "{}" when it has nothing.
func (t *Table) AppendRowJSON(dst []byte, row int64, o RowOptions) []byte { panic("TODO") }

// KeyInfo is what is known of a key.
type KeyInfo struct {
	Key                 string
	Count               int64
	Kinds               []KindCount // by kind
	Last                []byte      // JSON of the last value; nil when it is over 1024 bytes
	Monotonic           bool        // all values are finite numbers that never fall
	FirstStep, LastStep int64
	FirstRow, LastRow   int64
}

// KindCount counts values: number, string, bool, null, list, object, or
// media:TYPE for an object with a _type.
type KindCount struct {
	Kind  string
	Count int64
}

// Catalogue collects KeyInfo over views in row order.
type Catalogue struct{}

func NewCatalogue() *Catalogue       { panic("TODO") }
func (c *Catalogue) Add(p *Points)   { panic("TODO") }
func (c *Catalogue) Keys() []KeyInfo { panic("TODO") } // sorted by key
func (c *Catalogue) LastStep() int64 { panic("TODO") } // -1 when there is none
