package query

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// rowsAtOnce is how many runs' documents are in memory while a table is read.
const rowsAtOnce = 200

// TableRows are the runs that a question found, in order, to be read to the
// last one with little memory (docs/design/140).
type TableRows struct {
	Columns []history.WideColumn // name and display_name, then those asked for

	q       *Query
	project int64
	fields  []field
	ids     []int64
}

// OpenTable finds the runs. Which runs there are, their order and the kinds of
// the columns are of now; values are read as they are when their row is.
func (q *Query) OpenTable(ctx context.Context, projectID int64, rq RunQuery, columns []string) (*TableRows, error) {
	columns = append([]string{"name", "display_name"}, slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == "name" || c == "display_name" })...)
	if len(columns) > maxTableColumns/2 {
		return nil, ballast.Errorf(ballast.Invalid, "%d columns are asked for, at most %d are allowed", len(columns), maxTableColumns/2)
	}
	if len(rq.Order) == 0 {
		rq.Order = []string{"-created_at"}
	}
	rq, err := q.complete(ctx, projectID, rq, columns...)
	if err != nil {
		return nil, err
	}
	ask, err := rq.parse(q.opt.Now())
	if err != nil {
		return nil, err
	}
	t := &TableRows{q: q, project: projectID}
	if t.fields, err = parseFields(columns); err != nil {
		return nil, err
	}
	err = q.ask(ctx, projectID, append(slices.Clone(t.fields), ask.fields...), func(_ *meta.Tx, table *runTable) error {
		rows := table.inOrder(ask.filter, ask.keys)
		for _, row := range rows {
			t.ids = append(t.ids, table.rows[row].id)
		}
		for i, c := range table.columns(t.fields) {
			t.Columns = append(t.Columns, history.WideColumn{Key: columns[i], Name: columns[i], Kind: c.wideKind(rows)})
		}
		return nil
	})
	return t, err
}

// wideKind is the narrowest type that holds what the rows have.
func (c *column) wideKind(rows []int32) history.WideKind {
	seen := missing
	for _, row := range rows {
		k := c.kinds[row]
		if k == moment {
			k = text
		}
		switch {
		case k <= null || k == seen:
		case seen == missing && k < list:
			seen = k
		default:
			return history.WideJSON
		}
	}
	switch seen {
	case number:
		return history.WideNumber
	case boolean:
		return history.WideBool
	}
	return history.WideText
}

// Each calls take for each run with the JSON of its columns, nil where it has
// no value. Runs that were deleted or moved since are left out.
func (t *TableRows) Each(ctx context.Context, take func(values []json.RawMessage) error) error {
	ex := newExtractor(append(slices.Clone(t.fields), durationFields...))
	for ids := range slices.Chunk(t.ids, rowsAtOnce) {
		var (
			runs      []ballast.Run
			summaries map[int64][]byte
		)
		err := t.q.db.Read(ctx, func(tx *meta.Tx) (err error) {
			if runs, err = tx.RunsByID(ids); err == nil {
				summaries, err = tx.Summaries(ids)
			}
			return err
		})
		if err != nil {
			return err
		}
		for i := range runs {
			if runs[i].ProjectID != t.project {
				continue
			}
			values, _ := rowValues(&runs[i], summaries[runs[i].ID], ex)
			cells := make([]json.RawMessage, len(values))
			for j, v := range values {
				if v.kind != missing {
					cells[j] = appendCell(nil, v)
				}
			}
			if err := take(cells); err != nil {
				return err
			}
		}
	}
	return nil
}
