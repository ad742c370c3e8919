package query

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/ballast-ml/ballast"
)

// view returns the rows that pass a request's tests, in its order.
func (t *mediaTable) view(ctx context.Context, tr TableRequest) ([]uint32, error) {
	name, err := json.Marshal([]any{tr.Text, tr.Where, tr.Sort})
	if err != nil {
		return nil, ballast.Wrap(ballast.Invalid, err, "the filter of the table is not valid JSON")
	}
	if v, ok := t.views.Get(string(name)); ok {
		return v, nil
	}
	tests, err := t.tests(tr)
	if err != nil {
		return nil, err
	}
	rows := make([]uint32, 0, len(t.rows))
	for i := range uint32(len(t.rows)) {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		ok := true
		for k := 0; k < len(tests) && ok; k++ {
			if ok, err = tests[k](i); err != nil {
				return nil, err
			}
		}
		if ok {
			rows = append(rows, i)
		}
	}
	if err := t.sort(ctx, rows, tr.Sort); err != nil {
		return nil, err
	}
	t.views.Add(string(name), rows)
	return rows, nil
}

func (t *mediaTable) column(name string) (int, error) {
	for i, c := range t.columns {
		if c.Name == name {
			return i, nil
		}
	}
	return 0, ballast.Errorf(ballast.Invalid, "the table has no column %.100q", name)
}

type rowTest func(row uint32) (bool, error)

func (t *mediaTable) tests(tr TableRequest) (tests []rowTest, err error) {
	for _, w := range tr.Where {
		c, err := t.column(w.Column)
		if err != nil {
			return nil, err
		}
		test, err := w.compile()
		if err != nil {
			return nil, err
		}
		tests = append(tests, func(row uint32) (bool, error) {
			v, err := t.cell(row, c)
			return err == nil && test(v), err
		})
	}
	if words := strings.ToLower(strings.TrimSpace(tr.Text)); words != "" {
		tests = append(tests, func(row uint32) (bool, error) {
			cells, err := t.row(row)
			return slices.ContainsFunc(cells, func(v value) bool {
				return strings.Contains(strings.ToLower(searched(v)), words)
			}), err
		})
	}
	return tests, nil
}

// searched is the text of a cell that a search looks at: of media the caption,
// not digests and paths.
func searched(v value) string {
	if v.kind != object {
		return cellText(v)
	}
	if _, ok := v.member("_type"); ok {
		caption, _ := v.member("caption")
		return caption.str
	}
	return cellText(v)
}

// compile makes a test of cells.
func (w TableTest) compile() (func(value) bool, error) {
	want := value{kind: null}
	if len(w.Value) > 0 {
		var err error
		if want, err = parseJSON(string(w.Value)); err != nil {
			return nil, err
		}
	}
	switch w.Op {
	case "=":
		return func(v value) bool { return equalCell(v, want) }, nil
	case "!=":
		return func(v value) bool { return !equalCell(v, want) }, nil
	case "<", "<=", ">", ">=":
		return func(v value) bool { return compared(v, want, w.Op) }, nil
	case "contains":
		part := strings.ToLower(cellText(want))
		return func(v value) bool { return strings.Contains(strings.ToLower(searched(v)), part) }, nil
	case "matches":
		re, err := regexp.Compile(cellText(want))
		if err != nil {
			return nil, ballast.Wrap(ballast.Invalid, err, "%.100q is not a regular expression: %s", cellText(want), err)
		}
		return func(v value) bool { return re.MatchString(searched(v)) }, nil
	case "null":
		return value.none, nil
	case "not-null":
		return func(v value) bool { return !v.none() }, nil
	}
	return nil, ballast.Errorf(ballast.Invalid, "operator %.40q of a table's filter: it must be one of = != < <= > >= contains matches null not-null", w.Op)
}

// equalCell is equality as people type it: 3 equals 3, and the text "3" too.
func equalCell(v, want value) bool { return v.same(want) || cellText(v) == cellText(want) }

func compared(v, want value, op string) bool {
	if v.kind != want.kind || v.kind != number && v.kind != text || v.num != v.num {
		return false
	}
	c := cmp.Compare(v.num, want.num)
	if v.kind == text {
		c = strings.Compare(v.str, want.str)
	}
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// sortCell is what a cell is sorted by.
type sortCell struct {
	rank uint8 // numbers, booleans, text, the rest, nothing
	num  float64
	str  string
}

func sortKey(v value) sortCell {
	switch {
	case v.none() || v.kind == number && v.num != v.num:
		return sortCell{rank: 4}
	case v.kind == number || v.kind == moment:
		return sortCell{num: v.num}
	case v.kind == boolean:
		return sortCell{rank: 1, num: v.num}
	case v.kind == text:
		return sortCell{rank: 2, str: v.str}
	}
	return sortCell{rank: 3, str: searched(v)}
}

func (t *mediaTable) sort(ctx context.Context, rows []uint32, by []TableOrder) error {
	if len(by) > 8 {
		return ballast.Errorf(ballast.Invalid, "the table is to be sorted by %d columns: at most 8 are allowed", len(by))
	}
	keys := make([][]sortCell, len(by)) // by column, then by row of the table
	for k, o := range by {
		c, err := t.column(o.Column)
		if err != nil {
			return err
		}
		keys[k] = make([]sortCell, len(t.rows))
		for n, row := range rows {
			if n%4096 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			v, err := t.cell(row, c)
			if err != nil {
				return err
			}
			keys[k][row] = sortKey(v)
		}
	}
	if len(by) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b uint32) int {
		for k, o := range by {
			x, y := &keys[k][a], &keys[k][b]
			if x.rank == 4 || y.rank == 4 { // what is nothing stays last in both directions
				if c := cmp.Compare(x.rank, y.rank); c != 0 {
					return c
				}
				continue
			}
			c := cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.num, y.num), strings.Compare(x.str, y.str))
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}
