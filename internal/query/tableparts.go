package query

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

const (
	// MaxTableParts is the most tables that are shown as one.
	MaxTableParts = 1000
	// maxJoinedRows is the most rows of tables that are joined: a key that
	// repeats in both makes their product.
	maxJoinedRows = 1_000_000
	maxLinkBytes  = 1 << 20
)

// TablePart is one of several tables that are shown as one.
type TablePart struct {
	Source TableSource
	Label  string // names its rows, or its columns where tables are joined; may be empty
}

// TableLink is what the SDK stores of a table that is made of others: two
// that are joined, or those in a folder.
type TableLink struct {
	Table1, Table2 string    // paths in the same artifact
	JoinKeys       [2]string // a column of each
	Folder         string    // parts_path of a partitioned table; empty: two are joined
}

// TableLink reads the file of a joined or partitioned table (PRODUCT 3.8).
func (q *Query) TableLink(ctx context.Context, src TableSource) (l TableLink, err error) {
	if src.Bytes > maxLinkBytes {
		return l, ballast.Errorf(ballast.TooLarge, "the file that joins tables has %d bytes: at most %d are read", src.Bytes, maxLinkBytes)
	}
	doc, err := q.readObject(ctx, src)
	if err != nil {
		return l, err
	}
	v, err := parseJSON(doc)
	if err != nil {
		return l, ballast.Wrap(ballast.Invalid, err, "the file that joins tables is not as the SDK writes it: %s", err)
	}
	member := func(name string) string { m, _ := v.member(name); return m.str }
	l = TableLink{Table1: member("table1"), Table2: member("table2"), Folder: member("parts_path")}
	switch key, _ := v.member("join_key"); {
	case key.kind == text:
		l.JoinKeys = [2]string{key.str, key.str}
	case key.kind == list && len(key.list) == 2:
		l.JoinKeys = [2]string{key.list[0].str, key.list[1].str}
	}
	if l.Folder == "" && (l.Table1 == "" || l.Table2 == "" || l.JoinKeys[0] == "" || l.JoinKeys[1] == "") {
		return l, ballast.Errorf(ballast.Invalid, "the file that joins tables is not as the SDK writes it: it must name table1, table2 and join_key, or parts_path")
	}
	return l, nil
}

// openParts makes one table of several, as if it had been stored so.
func (q *Query) openParts(ctx context.Context, tr TableRequest) (*mediaTable, error) {
	if len(tr.Parts) > MaxTableParts {
		return nil, ballast.Errorf(ballast.Invalid, "%d tables as one: at most %d are allowed", len(tr.Parts), MaxTableParts)
	}
	if len(tr.Join) > 0 && len(tr.Join) != len(tr.Parts) {
		return nil, ballast.Errorf(ballast.Invalid, "a join of %d tables names %d columns: one for each is needed", len(tr.Parts), len(tr.Join))
	}
	var size int64
	for _, p := range tr.Parts {
		size += p.Source.Bytes
	}
	if size > maxTableBytes {
		return nil, ballast.Errorf(ballast.TooLarge, "the tables have %d MB together, and at most %d MB can be shown; look at fewer of them", size>>20, maxTableBytes>>20)
	}
	id, err := json.Marshal([]any{tr.Join, tr.Parts})
	if err != nil {
		return nil, ballast.Wrap(ballast.Invalid, err, "the names of the tables are not valid JSON")
	}
	name := string(id)
	if t := q.mediaTables.get(name); t != nil {
		return t, nil
	}
	tables := make([]*mediaTable, len(tr.Parts))
	for i, p := range tr.Parts {
		t, err := q.openMediaTable(ctx, p.Source)
		if err != nil {
			return nil, err
		}
		tables[i] = t
	}
	var doc string
	if len(tr.Join) > 0 {
		doc, err = joinTables(ctx, tables, tr.Parts, tr.Join)
	} else {
		doc, err = stackTables(ctx, tables, tr.Parts)
	}
	if err != nil {
		return nil, err
	}
	t, err := parseMediaTable(doc)
	if err != nil {
		return nil, err
	}
	q.mediaTables.put(name, t)
	return t, nil
}

// tableText writes a table's file.
type tableText struct{ b []byte }

func newTableText(columns []string) *tableText {
	t := &tableText{b: []byte(`{"columns":[`)}
	for i, c := range columns {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.b = history.AppendText(t.b, c)
	}
	t.b = append(t.b, `],"data":[`...)
	return t
}

func (t *tableText) row(cells []value) error {
	if t.b[len(t.b)-1] == ']' {
		t.b = append(t.b, ',')
	}
	t.b = append(t.b, '[')
	for i, v := range cells {
		if i > 0 {
			t.b = append(t.b, ',')
		}
		t.b = v.appendJSON(t.b, false)
	}
	t.b = append(t.b, ']')
	if len(t.b) > maxTableBytes {
		return ballast.Errorf(ballast.TooLarge, "the tables together have more than %d MB; look at fewer of them", maxTableBytes>>20)
	}
	return nil
}

func (t *tableText) end() string { return string(append(t.b, "]}"...)) }

// stackTables puts the rows of tables under each other, cells by the names of
// their columns; labels make a first column.
func stackTables(ctx context.Context, tables []*mediaTable, parts []TablePart) (string, error) {
	labelled := false
	for _, p := range parts {
		labelled = labelled || p.Label != ""
	}
	var columns []string
	if labelled {
		columns = append(columns, "run")
	}
	places, at := make([][]int, len(tables)), map[string]int{}
	for i, t := range tables {
		for _, c := range t.columns {
			k, ok := at[c.Name]
			if !ok {
				k, columns = len(columns), append(columns, c.Name)
				at[c.Name] = k
			}
			places[i] = append(places[i], k)
		}
	}
	out := newTableText(columns)
	for i, t := range tables {
		for n := range uint32(len(t.rows)) {
			if n%4096 == 0 && ctx.Err() != nil {
				return "", ctx.Err()
			}
			cells, err := t.row(n)
			if err != nil {
				return "", err
			}
			row := make([]value, len(columns))
			if labelled {
				row[0] = value{kind: text, str: parts[i].Label}
			}
			for c := range min(len(cells), len(places[i])) {
				row[places[i][c]] = cells[c]
			}
			if err := out.row(row); err != nil {
				return "", err
			}
		}
	}
	return out.end(), nil
}

// joinTables puts rows beside each other whose keys are equal as text. Rows
// without a partner stay, with nothing in the other tables' columns.
func joinTables(ctx context.Context, tables []*mediaTable, parts []TablePart, keys []string) (string, error) {
	columns, widths := []string{keys[0]}, make([]int, len(tables))
	keyAt := make([]int, len(tables))
	for i, t := range tables {
		k, err := t.column(keys[i])
		if err != nil {
			return "", err
		}
		keyAt[i] = k
		for c, col := range t.columns {
			if c == k {
				continue
			}
			widths[i]++
			columns = append(columns, strings.TrimPrefix(parts[i].Label+": "+col.Name, ": "))
		}
	}
	rows, order, err := rowsByKey(ctx, tables, keyAt)
	if err != nil {
		return "", err
	}
	out, n := newTableText(columns), 0
	for _, key := range order {
		found := rows[key]
		row := []value{found.key}
		var write func(i int) error
		write = func(i int) error {
			if i == len(tables) {
				if n++; n > maxJoinedRows {
					return ballast.Errorf(ballast.TooLarge, "joined by %q the tables have more than %d rows, since keys repeat; choose another column", keys[0], maxJoinedRows)
				}
				return out.row(row)
			}
			at := len(row)
			defer func() { row = row[:at] }()
			if len(found.at[i]) == 0 {
				row = append(row, make([]value, widths[i])...)
				return write(i + 1)
			}
			for _, r := range found.at[i] {
				cells, err := tables[i].row(r)
				if err != nil {
					return err
				}
				row = row[:at]
				for c := range tables[i].columns {
					if c == keyAt[i] {
						continue
					}
					var v value
					if c < len(cells) {
						v = cells[c]
					}
					row = append(row, v)
				}
				if err := write(i + 1); err != nil {
					return err
				}
			}
			return nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err := write(0); err != nil {
			return "", err
		}
	}
	return out.end(), nil
}

// keyRows are the rows of each table that have one key.
type keyRows struct {
	key value
	at  [][]uint32 // by table
}

// rowsByKey finds the rows of each key, and the keys in order of their first row.
func rowsByKey(ctx context.Context, tables []*mediaTable, keyAt []int) (map[string]*keyRows, []string, error) {
	rows, order := map[string]*keyRows{}, []string{}
	for i, t := range tables {
		for n := range uint32(len(t.rows)) {
			if n%4096 == 0 && ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			v, err := t.cell(n, keyAt[i])
			if err != nil {
				return nil, nil, err
			}
			key := cellText(v)
			if rows[key] == nil {
				rows[key], order = &keyRows{key: v, at: make([][]uint32, len(tables))}, append(order, key)
			}
			rows[key].at[i] = append(rows[key].at[i], n)
		}
	}
	return rows, order, nil
}
