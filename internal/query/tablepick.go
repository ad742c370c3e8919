package query

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
	found := t.matching(f)
	for _, row := range found {
		if !t.rows[row].ended {
			sel.running++
		}
	}
	sel.total = len(found)
	if first == 0 {
		return sel
	}
	places := t.places(found, keys)
	order := make([]int32, 0, len(found)) // into found
	for i := range found {
		if after == nil || comparePlace(places[i], *after, keys) > 0 {
			order = append(order, int32(i))
		}
	}
	sel.more = len(order)-offset > first
	order = smallest(order, offset+first, func(a, b int32) int { return comparePlace(places[a], places[b], keys) })
	order = order[min(offset, len(order)):]
	for _, i := range order {
		sel.rows = append(sel.rows, found[i])
		sel.places = append(sel.places, places[i])
	}
	return sel
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

// places returns where each of the rows stands in an order.
func (t *runTable) places(rows []int32, keys []orderKey) []place {
	fields := make([]field, len(keys))
	for i, k := range keys {
		fields[i] = k.field
	}
	cols := t.columns(fields)
	values := make([]value, len(rows)*len(keys))
	places := make([]place, len(rows))
	for i, r := range rows {
		mine := values[i*len(keys) : (i+1)*len(keys) : (i+1)*len(keys)]
		for j, c := range cols {
			mine[j] = sortValue(c.at(int(r)))
		}
		places[i] = place{values: mine, ordinal: t.rows[r].ordinal}
	}
	return places
}
