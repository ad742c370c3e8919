package query

import (
	"cmp"
	"slices"
	"sort"
	"sync"
)

const (
	// partialOrder is how many runs from the start are picked out of all that
	// match without putting all in order.
	partialOrder = 1000
	// maxKeptOrders of a project's table are remembered, so that a jump into the
	// middle and the pages of a cursor read only their page.
	maxKeptOrders = 4
	// maxOrderName bounds what is remembered of a filter.
	maxOrderName = 4 << 10
)

// selection is what a question found: rows in order, and the runs that match.
type selection struct {
	rows    []int32
	places  []place // of rows
	total   int
	live    int
	running int
	more    bool
}

// pick chooses the rows that match, in order, after a place, and cuts a page.
// The caller holds t.mu for reading.
func (t *runTable) pick(f *filter, keys []orderKey, after *place, offset, first int) selection {
	sel := selection{live: t.live}
	if first == 0 {
		sel.count(t, t.matching(f))
		return sel
	}
	var rows []int32 // in order, at least the page's and those before it
	if after == nil && offset+first <= partialOrder {
		found := t.matching(f)
		sel.count(t, found)
		s := t.sorter(found, keys)
		for _, i := range smallest(s.items(), offset+first, s.compare) {
			rows = append(rows, found[i])
		}
	} else {
		rows = t.inOrder(f, keys)
		sel.count(t, rows)
	}
	if after != nil {
		offset = sort.Search(len(rows), func(i int) bool { return comparePlace(t.place(rows[i], keys), *after, keys) > 0 })
	}
	offset = min(offset, len(rows))
	sel.more = sel.total-offset > first
	sel.rows = rows[offset:min(offset+first, len(rows))]
	for _, row := range sel.rows {
		sel.places = append(sel.places, t.place(row, keys))
	}
	return sel
}

func (s *selection) count(t *runTable, found []int32) {
	s.total = len(found)
	for _, row := range found {
		if !t.rows[row].ended {
			s.running++
		}
	}
}

// matching returns the rows that match, in no order. The caller holds t.mu for
// reading.
func (t *runTable) matching(f *filter) []int32 {
	cols := t.columns(f.fields)
	row := 0
	get := func(i int) value { return cols[i].at(row) }
	var found []int32
	for row = range t.rows {
		if !t.rows[row].dead && f.match(get) {
			found = append(found, int32(row))
		}
	}
	return found
}

func (t *runTable) columns(fields []field) []*column {
	cols := make([]*column, len(fields))
	for i, f := range fields {
		cols[i] = t.cols[f.String()]
	}
	return cols
}

func orderFields(keys []orderKey) []field {
	fields := make([]field, len(keys))
	for i, k := range keys {
		fields[i] = k.field
	}
	return fields
}

// place returns where a row stands in an order.
func (t *runTable) place(row int32, keys []orderKey) place {
	p := place{ordinal: t.rows[row].ordinal}
	for _, c := range t.columns(orderFields(keys)) {
		p.values = append(p.values, sortValue(c.at(int(row))))
	}
	return p
}

// sorter compares rows that were found, by their index.
type sorter struct {
	keys     []orderKey
	cells    []sortItem // of each row, one for each key
	ordinals []int64
}

func (t *runTable) sorter(found []int32, keys []orderKey) *sorter {
	s := &sorter{keys: keys, cells: make([]sortItem, len(found)*len(keys)), ordinals: make([]int64, len(found))}
	for j, c := range t.columns(orderFields(keys)) {
		for i, row := range found {
			s.cells[i*len(keys)+j] = sortValue(c.at(int(row))).cell()
		}
	}
	for i, row := range found {
		s.ordinals[i] = t.rows[row].ordinal
	}
	return s
}

func (s *sorter) items() []int32 {
	items := make([]int32, len(s.ordinals))
	for i := range items {
		items[i] = int32(i)
	}
	return items
}

func (s *sorter) compare(a, b int32) int {
	n := int32(len(s.keys))
	for j := range n {
		if c := compareCells(&s.cells[a*n+j], &s.cells[b*n+j], s.keys[j].desc); c != 0 {
			return c
		}
	}
	return cmp.Compare(s.ordinals[a], s.ordinals[b])
}

// keptOrders remembers the rows that some questions found, in order.
type keptOrders struct {
	mu  sync.Mutex
	all []*keptOrder // the least recently asked first
}

type keptOrder struct {
	name  string // of filter and order
	turns int64  // of what they look at
	once  sync.Once
	rows  []int32
}

func (k *keptOrders) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = nil
}

func (k *keptOrders) size() (n int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range k.all {
		n += int64(4 * cap(o.rows))
	}
	return n
}

// of returns the order of that name, a new one when what is kept is of values
// that have changed since.
func (k *keptOrders) of(name string, turns int64) *keptOrder {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := slices.IndexFunc(k.all, func(o *keptOrder) bool { return o.name == name })
	o := &keptOrder{name: name, turns: turns}
	if at >= 0 {
		if k.all[at].turns == turns {
			o = k.all[at]
		}
		k.all = slices.Delete(k.all, at, at+1)
	}
	k.all = append(k.all, o)
	if len(k.all) > maxKeptOrders {
		k.all = slices.Delete(k.all, 0, 1)
	}
	return o
}

// inOrder returns all rows that match, in order; the caller only reads them and
// holds t.mu for reading.
func (t *runTable) inOrder(f *filter, keys []orderKey) []int32 {
	name, turns := f.name+"\x00"+orderName(keys), t.comes
	if f.name == "" || len(name) > maxOrderName {
		return t.sorted(f, keys)
	}
	for _, c := range t.columns(append(orderFields(keys), f.fields...)) {
		turns += c.turns
	}
	o := t.kept.of(name, turns)
	o.once.Do(func() { o.rows = t.sorted(f, keys) })
	return o.rows
}

func (t *runTable) sorted(f *filter, keys []orderKey) []int32 {
	found := t.matching(f)
	s := t.sorter(found, keys)
	items := s.items()
	slices.SortFunc(items, s.compare)
	for i, item := range items {
		items[i] = found[item]
	}
	return items
}
