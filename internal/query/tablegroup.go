package query

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// maxRunGroups is how many groups an answer names.
const maxRunGroups = 1000

// TableGroups is one level of groups of the runs that match. A level below one
// of them is asked for with that group's value in the filter.
type TableGroups struct {
	Found  int          `json:"found"`
	Total  int          `json:"total"` // groups
	Millis int64        `json:"ms"`
	Groups []TableGroup `json:"groups"` // the first maxRunGroups
}

// TableGroup is the runs that have one value in common. A run with a list (tags)
// is in the group of each of its elements.
type TableGroup struct {
	Value  json.RawMessage       `json:"value"` // null: the runs without one
	Runs   int                   `json:"runs"`
	Values map[string]GroupValue `json:"values"` // of the columns that hold numbers
}

// GroupValue sums the finite numbers of a column up over a group. Times are
// milliseconds since 1970.
type GroupValue struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	Min   float64 `json:"min"`
	Max   float64 `json:"max"`
}

// TableGroups groups the runs that match by a field. rq.Order's first key orders
// them: by their value, when it is the field; by the mean, when it is one of
// the columns; else the largest group comes first.
func (q *Query) TableGroups(ctx context.Context, projectID int64, rq RunQuery, by string, columns []string) (*TableGroups, error) {
	start := time.Now()
	rq, err := q.complete(ctx, projectID, rq, append([]string{by}, columns...)...)
	if err != nil {
		return nil, err
	}
	f, fields, err := rq.withColumns(q.opt.Now(), append([]string{by}, columns...))
	if err != nil {
		return nil, err
	}
	keys, err := parseOrder(rq.Order)
	if err != nil {
		return nil, err
	}
	out := &TableGroups{Groups: []TableGroup{}}
	err = q.ask(ctx, projectID, fields, func(_ *meta.Tx, t *runTable) error {
		cols := t.columns(fields[:len(columns)+1])
		found := t.matching(f)
		out.Found = len(found)
		groups := groupRows(cols[0], found)
		sums := make([][]spread, len(groups))
		for i, g := range groups {
			if err := ctx.Err(); err != nil {
				return err
			}
			sums[i] = spreads(cols[1:], g.rows)
		}
		out.Total = len(groups)
		for _, i := range orderGroups(groups, sums, fields, keys[0]) {
			g := TableGroup{Value: groups[i].value.appendJSON(nil, true), Runs: len(groups[i].rows), Values: map[string]GroupValue{}}
			for j, s := range sums[i] {
				if s.n > 0 {
					g.Values[columns[j]] = GroupValue{Count: s.n, Mean: s.mean(), Min: s.min, Max: s.max}
				}
			}
			out.Groups = append(out.Groups, g)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Millis = time.Since(start).Milliseconds()
	return out, nil
}

// rowGroup is a value and the rows that have it.
type rowGroup struct {
	value value
	rows  []int32
}

func groupRows(c *column, rows []int32) []rowGroup {
	var groups []rowGroup
	type key struct {
		kind kind
		num  float64
		str  string
	}
	at := map[key]int{}
	put := func(v value, r int32) {
		k := key{kind: v.kind, num: v.num, str: v.str}
		switch {
		case v.none() || v.kind == text && v.str == "":
			k, v = key{}, value{}
		case v.num != v.num: // NaN is no key of a map
			k.num, k.str = 0, "NaN"
		case v.kind >= list:
			k.str = string(v.appendJSON(nil, false))
		}
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k], groups = i, append(groups, rowGroup{value: v})
		}
		groups[i].rows = append(groups[i].rows, r)
	}
	for _, r := range rows {
		v := c.at(int(r))
		if v.kind != list || len(v.list) == 0 {
			put(v, r)
			continue
		}
		for i, e := range v.list {
			if !slices.ContainsFunc(v.list[:i], e.same) {
				put(e, r)
			}
		}
	}
	return groups
}

func spreads(cols []*column, rows []int32) []spread {
	out := make([]spread, len(cols))
	for j, c := range cols {
		for _, r := range rows {
			if n, ok := c.at(int(r)).plain(); ok {
				out[j].add(n)
			}
		}
	}
	return out
}

// orderGroups returns the places of the first groups in their order. fields
// are the one that groups, then those of sums.
func orderGroups(groups []rowGroup, sums [][]spread, fields []field, k orderKey) []int {
	by := slices.IndexFunc(fields, func(f field) bool { return f.String() == k.field.String() })
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	of := func(i int) value {
		switch {
		case by == 0:
			return sortValue(groups[i].value)
		case by > 0 && by <= len(sums[i]) && sums[i][by-1].n > 0:
			return numberValue(sums[i][by-1].mean())
		}
		return value{}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(compareSort(of(a), of(b), k.desc), cmp.Compare(len(groups[b].rows), len(groups[a].rows)),
			compareSort(sortValue(groups[a].value), sortValue(groups[b].value), false))
	})
	return order[:min(len(order), maxRunGroups)]
}

// columnRuns is how many of the newest runs are read for the names of columns.
const columnRuns = 1000

// maxRunColumns is how many names an answer has.
const maxRunColumns = 10_000

// RunColumns is what can be a column: the keys of config and summary that the
// newest of the runs found have.
type RunColumns struct {
	Read    int         `json:"read"`  // runs that were read
	Found   int         `json:"found"` // runs that match
	More    bool        `json:"more"`  // there are more names than sent
	Columns []RunColumn `json:"columns"`
}

// RunColumn is a field name as filters write it, and what it holds.
type RunColumn struct {
	Column string `json:"column"`
	Type   string `json:"type"` // number, text, boolean, list, object
	Runs   int    `json:"runs"` // of those read
}

// RunColumns names what can be asked for as a column.
func (q *Query) RunColumns(ctx context.Context, projectID int64, rq RunQuery) (*RunColumns, error) {
	rq.Order, rq.First, rq.Offset, rq.After = []string{"-created_at"}, columnRuns, 0, ""
	names := columnNames{at: map[string]int{}}
	page, _, err := q.page(ctx, projectID, rq, func(tx *meta.Tx, runs []ballast.Run) error {
		ids := make([]int64, len(runs))
		for i := range runs {
			ids[i] = runs[i].ID
		}
		summaries, err := tx.Summaries(ids)
		if err != nil {
			return err
		}
		for i := range runs {
			names.document(runs[i].Config, "config", true)
			names.document(summaries[runs[i].ID], "summary_metrics", false)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names.all, func(a, b RunColumn) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), cmp.Compare(a.Column, b.Column))
	})
	out := &RunColumns{Read: len(page.Runs), Found: page.Total, Columns: append([]RunColumn{}, names.all[:min(len(names.all), maxRunColumns)]...)}
	out.More = len(out.Columns) < len(names.all)
	return out, nil
}

type columnNames struct {
	at  map[string]int
	all []RunColumn
}

// document takes in the leaves of a config or summary.
func (n *columnNames) document(js []byte, prefix string, config bool) {
	doc, err := parseJSON(string(js))
	if err != nil || doc.kind != object {
		return
	}
	for i, k := range doc.keys {
		v := doc.list[i]
		if k == "_wandb" {
			continue
		}
		if config {
			v, _ = v.member("value")
		}
		n.leaves(prefix+"."+joinPath([]string{k}), v, 0)
	}
}

// maxColumnDepth is how deep objects are looked into for columns.
const maxColumnDepth = 6

func (n *columnNames) leaves(name string, v value, depth int) {
	_, media := v.member("_type")
	if v.kind == object && len(v.keys) > 0 && !media && depth < maxColumnDepth {
		for i, k := range v.keys {
			n.leaves(name+"."+joinPath([]string{k}), v.list[i], depth+1)
		}
		return
	}
	i, ok := n.at[name]
	if !ok {
		if len(n.all) > 2*maxRunColumns {
			return
		}
		i = len(n.all)
		n.at[name], n.all = i, append(n.all, RunColumn{Column: name, Type: "nothing"})
	}
	n.all[i].Runs++
	if v.kind > null {
		n.all[i].Type = columnTypes[special(v).kind]
	}
}

var columnTypes = map[kind]string{number: "number", moment: "time", text: "text", boolean: "boolean", list: "list", object: "object"}
