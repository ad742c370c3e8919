package query

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/ballast-ml/ballast"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// maxTableBytes is the longest table that is read; the SDK's longest, of
	// 200,000 rows, are a tenth of it.
	maxTableBytes = 256 << 20
	// keptTableBytes is how much text of tables is kept between two pages.
	keptTableBytes = 256 << 20
	// MaxTableRows is the most rows of one page, tablePageBytes about the most
	// text of one.
	MaxTableRows   = 1000
	tablePageBytes = 8 << 20
	typedRows      = 1000 // rows that are looked at for the types of columns
)

// TableSource names the object that holds a table. Objects never change.
type TableSource struct {
	Store  int
	Object string
	Bytes  int64
}

// TableRequest asks for a page of a table.
type TableRequest struct {
	Source TableSource
	Parts  []TablePart // in place of Source: tables that are shown as one
	Join   []string    // a column of each part, on which they are joined; empty: rows under each other
	Offset int
	Limit  int // rows, at most MaxTableRows; 0: 100
	Sort   []TableOrder
	Text   string // rows of which any cell contains it, in any case
	Where  []TableTest
}

// TableOrder sorts by a column: numbers before text, nulls and NaN last.
type TableOrder struct {
	Column string `json:"column"`
	Desc   bool   `json:"desc"`
}

// TableTest keeps rows whose cell passes. Op is one of = != < <= > >=,
// contains, matches (a regular expression, RE2), null, not-null.
type TableTest struct {
	Column string          `json:"column"`
	Op     string          `json:"op"`
	Value  json.RawMessage `json:"value"`
}

// TableColumn is a column with the type of most of its cells: number, string,
// boolean, list, object, media:<_type>, or null.
type TableColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// TablePage is a stretch of the rows that pass, in order. It may be shorter
// than asked for when cells are long.
type TablePage struct {
	Columns []TableColumn     `json:"columns"`
	Total   int               `json:"total"` // rows of the table
	Found   int               `json:"found"` // of them pass
	Rows    []json.RawMessage `json:"rows"`  // each a list of cells; special numbers are strings
	Index   []uint32          `json:"index"` // which rows of the table they are, from 0
	Media   []string          `json:"-"`     // paths of media in the rows
}

// mediaTable is a table's text with the places of its rows.
type mediaTable struct {
	text    string
	rows    []uint32 // where each begins
	columns []TableColumn
	views   *lru.Cache[string, []uint32] // the rows of a filter and order
}

// mediaTables are the tables that were read not long ago.
type mediaTables struct {
	mu    sync.Mutex
	known map[string]*mediaTable
	order []string // the oldest use first
	bytes int64
	load  chan struct{} // one table is read at a time
}

func newMediaTables() *mediaTables {
	return &mediaTables{known: map[string]*mediaTable{}, load: make(chan struct{}, 1)}
}

func (m *mediaTables) get(name string) *mediaTable {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.known[name]
	if t != nil {
		m.touch(name)
	}
	return t
}

func (m *mediaTables) touch(name string) {
	for i, n := range m.order {
		if n == name {
			m.order = append(m.order[:i], m.order[i+1:]...)
			break
		}
	}
	m.order = append(m.order, name)
}

func (m *mediaTables) put(name string, t *mediaTable) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[name] = t
	m.touch(name)
	m.bytes += t.bytes()
	for m.bytes > keptTableBytes && len(m.order) > 1 {
		old := m.order[0]
		m.bytes -= m.known[old].bytes()
		delete(m.known, old)
		m.order = m.order[1:]
	}
}

func (t *mediaTable) bytes() int64 { return int64(len(t.text)) + int64(len(t.rows))*12 }

// MediaTable returns a page of a table that a run or an artifact holds.
func (q *Query) MediaTable(ctx context.Context, tr TableRequest) (*TablePage, error) {
	switch {
	case tr.Offset < 0:
		return nil, ballast.Errorf(ballast.Invalid, "offset %d: rows count from 0", tr.Offset)
	case tr.Limit < 0 || tr.Limit > MaxTableRows:
		return nil, ballast.Errorf(ballast.Invalid, "limit %d: 1 to %d rows are allowed", tr.Limit, MaxTableRows)
	case tr.Limit == 0:
		tr.Limit = 100
	}
	open := func() (*mediaTable, error) { return q.openMediaTable(ctx, tr.Source) }
	if len(tr.Parts) > 0 {
		open = func() (*mediaTable, error) { return q.openParts(ctx, tr) }
	}
	t, err := open()
	if err != nil {
		return nil, err
	}
	view, err := t.view(ctx, tr)
	if err != nil {
		return nil, err
	}
	return t.page(view, tr)
}

func (q *Query) openMediaTable(ctx context.Context, src TableSource) (*mediaTable, error) {
	name := strconv.Itoa(src.Store) + "/" + src.Object
	if t := q.mediaTables.get(name); t != nil {
		return t, nil
	}
	if src.Bytes > maxTableBytes {
		return nil, ballast.Errorf(ballast.TooLarge, "the table has %d MB, and at most %d MB can be shown; download it instead", src.Bytes>>20, maxTableBytes>>20)
	}
	select {
	case q.mediaTables.load <- struct{}{}:
		defer func() { <-q.mediaTables.load }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if t := q.mediaTables.get(name); t != nil { // read while we waited
		return t, nil
	}
	text, err := q.readObject(ctx, src)
	if err != nil {
		return nil, err
	}
	t, err := parseMediaTable(text)
	if err != nil {
		return nil, err
	}
	q.mediaTables.put(name, t)
	return t, nil
}

func (q *Query) readObject(ctx context.Context, src TableSource) (string, error) {
	bucket := q.stores[src.Store]
	if bucket == nil {
		return "", ballast.Errorf(ballast.Unavailable, "store %d, which holds the table, is not set up here", src.Store)
	}
	r, err := bucket.Get(ctx, src.Object, 0, -1)
	if ballast.Is(err, ballast.NotFound) {
		return "", ballast.Errorf(ballast.NotFound, "the table's file is not there: it was deleted, or its upload never ended")
	}
	if err != nil {
		return "", ballast.Wrap(ballast.Unavailable, err, "the table cannot be read; try again")
	}
	defer r.Close()
	var b strings.Builder
	b.Grow(int(max(0, src.Bytes)))
	n, err := io.Copy(&b, io.LimitReader(r, maxTableBytes+1))
	if err != nil {
		return "", ballast.Wrap(ballast.Unavailable, fmt.Errorf("object %s: %w", src.Object, err), "the table cannot be read; try again")
	}
	if n > maxTableBytes {
		return "", ballast.Errorf(ballast.TooLarge, "the table has more than %d MB; download it instead", maxTableBytes>>20)
	}
	return b.String(), nil
}

// parseMediaTable finds columns and rows in a table's file (PRODUCT 3.8). The
// cells are read when a page asks for them.
func parseMediaTable(text string) (*mediaTable, error) {
	t := &mediaTable{text: text}
	t.views, _ = lru.New[string, []uint32](8) // its error would say that the size is not positive
	p := parser{s: text}
	var names []string
	err := p.members(func(key string) error {
		switch key {
		case "columns":
			v, err := p.value(0)
			for _, name := range v.list {
				names = append(names, cellText(name))
			}
			return err
		case "data":
			return t.findRows(&p)
		}
		return p.skip()
	})
	if err != nil {
		return nil, ballast.Wrap(ballast.Invalid, err, "the file is not a table as the SDK writes it: %s", err)
	}
	if names == nil {
		return nil, ballast.Errorf(ballast.Invalid, "the file is not a table as the SDK writes it: it has no columns")
	}
	return t, t.findTypes(names)
}

func (t *mediaTable) findRows(p *parser) error {
	if p.peek() != '[' {
		return p.fail("data is not a list of rows")
	}
	p.i++
	if p.peek() == ']' {
		p.i++
		return nil
	}
	for {
		if p.peek() != '[' {
			return p.fail("a row is not a list")
		}
		t.rows = append(t.rows, uint32(p.i))
		if err := p.skip(); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			return nil
		default:
			return p.fail("expected , or ]")
		}
	}
}

// row reads a row's cells.
func (t *mediaTable) row(i uint32) ([]value, error) {
	p := parser{s: t.text, i: int(t.rows[i])}
	v, err := p.value(0)
	if err != nil {
		return nil, ballast.Wrap(ballast.Invalid, err, "row %d of the table is damaged: %s", i, err)
	}
	return v.list, nil
}

// cell reads one cell of a row and passes over those before it.
func (t *mediaTable) cell(i uint32, column int) (value, error) {
	p := parser{s: t.text, i: int(t.rows[i]) + 1}
	for range column {
		p.blank()
		if err := p.skip(); err != nil {
			return value{}, err
		}
		if p.peek() != ',' {
			return value{}, nil // a short row
		}
		p.i++
	}
	if p.peek() == ']' {
		return value{}, nil
	}
	v, err := p.value(1)
	if err != nil {
		return value{}, ballast.Wrap(ballast.Invalid, err, "row %d of the table is damaged: %s", i, err)
	}
	return v, nil
}

func (t *mediaTable) findTypes(names []string) error {
	counts := make([]map[string]int64, len(names))
	for i := range counts {
		counts[i] = map[string]int64{}
	}
	for i := range min(len(t.rows), typedRows) {
		cells, err := t.row(uint32(i))
		if err != nil {
			return err
		}
		for c := range min(len(cells), len(names)) {
			if kind := cellType(cells[c]); kind != "null" {
				counts[c][kind]++
			}
		}
	}
	for i, name := range names {
		kind := mostFrequent(counts[i])
		if kind == "" {
			kind = "null"
		}
		t.columns = append(t.columns, TableColumn{Name: name, Type: kind})
	}
	return nil
}

func cellType(v value) string {
	switch v.kind {
	case number, moment:
		return "number"
	case text:
		return "string"
	case boolean:
		return "boolean"
	case list:
		return "list"
	case object:
		if kind, ok := v.member("_type"); ok && kind.kind == text {
			return "media:" + kind.str
		}
		return "object"
	}
	return "null"
}

// cellText is a cell as people search for it.
func cellText(v value) string {
	if v.kind == text {
		return v.str
	}
	return string(v.appendJSON(nil, false))
}

// page prints rows of a view.
func (t *mediaTable) page(view []uint32, tr TableRequest) (*TablePage, error) {
	page := &TablePage{Columns: t.columns, Total: len(t.rows), Found: len(view), Rows: []json.RawMessage{}, Index: []uint32{}}
	if page.Columns == nil {
		page.Columns = []TableColumn{}
	}
	bytes := 0
	for _, i := range view[min(tr.Offset, len(view)):min(tr.Offset+tr.Limit, len(view))] {
		cells, err := t.row(i)
		if err != nil {
			return nil, err
		}
		b := []byte{'['}
		for c, v := range cells {
			if c > 0 {
				b = append(b, ',')
			}
			b = v.appendJSON(b, true)
			if path, ok := v.member("path"); ok && path.kind == text {
				page.Media = append(page.Media, path.str)
			}
		}
		b = append(b, ']')
		page.Rows, page.Index = append(page.Rows, b), append(page.Index, i)
		if bytes += len(b); bytes > tablePageBytes {
			break
		}
	}
	return page, nil
}
