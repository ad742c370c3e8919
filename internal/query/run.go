package query

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

const (
	defaultPage = 50
	maxPage     = 10_000
)

// RunQuery asks for runs of a project.
type RunQuery struct {
	Filter []byte   // Mongo-style JSON, or a screen's filter document; empty or null: all
	Text   string   // the text query language (textParser); must hold beside Filter
	Order  []string // "+created_at", "-summary_metrics.loss", …; empty: +created_at; several: the first decides first
	After  string   // a cursor of an earlier page, "" from the start
	Offset int      // runs to leave out at the start; only without After
	First  int      // runs of the page, 1 to 10000; 0: 50

	short map[string]field // names in Text without their prefix (Query.complete)
}

// RunPage is a page of runs, in order.
type RunPage struct {
	Runs    []ballast.Run // complete, with Live
	Cursors []string      // of each run
	Total   int           // runs that match, on all pages
	More    bool          // runs follow after this page
}

// question is a RunQuery, understood.
type question struct {
	filter *filter
	keys   []orderKey
	after  *place
	offset int
	first  int
	fields []field // of filter and order
}

func (rq RunQuery) parse(now time.Time) (*question, error) {
	f, err := rq.filter(now)
	if err != nil {
		return nil, err
	}
	keys, err := parseOrder(rq.Order)
	if err != nil {
		return nil, err
	}
	q := &question{filter: f, keys: keys, offset: rq.Offset, first: rq.First, fields: f.fields}
	for _, k := range keys {
		q.fields = append(q.fields, k.field)
	}
	if q.first == 0 {
		q.first = defaultPage
	}
	if q.first < 0 || q.first > maxPage || q.offset < 0 {
		return nil, ballast.Errorf(ballast.Invalid, "a page of %d runs from run %d: 1 to %d runs from run 0 on can be asked for", rq.First, rq.Offset, maxPage)
	}
	if rq.After != "" {
		p, err := parseCursor(rq.After, keys)
		if err != nil {
			return nil, err
		}
		q.after, q.offset = &p, 0
	}
	return q, nil
}

// filter compiles both the document and the text.
func (rq RunQuery) filter(now time.Time) (*filter, error) {
	c := newCompiler(now)
	doc, err := c.document(rq.Filter)
	if err != nil {
		return nil, err
	}
	text, err := parseText(rq.Text, now, rq.short)
	if err != nil {
		return nil, err
	}
	typed, err := c.filter(text, 0)
	if err != nil {
		return nil, err
	}
	c.f.root = typed
	if !c.timed {
		c.f.name = string(text.appendJSON(append(bytes.Clone(rq.Filter), 0), false))
	}
	if doc != nil {
		c.f.root = andNode{doc, typed}
	}
	if matchesAll(c.f.root) {
		c.f.root = nil
	}
	return &c.f, nil
}

// Runs returns a page of the runs that match. Deleted runs never do. Cursors
// stay good when runs come and go: they hold the sort key of a run. Bad
// filters, orders and cursors are Invalid.
func (q *Query) Runs(ctx context.Context, projectID int64, rq RunQuery) (*RunPage, error) {
	page, _, err := q.page(ctx, projectID, rq, nil)
	return page, err
}

// page answers a RunQuery. more, when not nil, reads further from the same
// snapshot.
func (q *Query) page(ctx context.Context, projectID int64, rq RunQuery, more func(*meta.Tx, []ballast.Run) error) (*RunPage, selection, error) {
	rq, err := q.complete(ctx, projectID, rq)
	if err != nil {
		return nil, selection{}, err
	}
	ask, err := rq.parse(q.opt.Now())
	if err != nil {
		return nil, selection{}, err
	}
	var (
		page RunPage
		sel  selection
	)
	list := q.selectFrom
	if ask.byCreation() {
		list = q.listByCreation
	}
	err = list(ctx, projectID, ask, func(tx *meta.Tx, found selection, ids []int64) error {
		sel = found
		cursors := make(map[int64]string, len(ids))
		for i, id := range ids {
			cursors[id] = sel.places[i].cursor(ask.keys)
		}
		runs, err := tx.RunsByID(ids)
		if err != nil {
			return err
		}
		page = RunPage{Runs: runs, Total: sel.total, More: sel.more}
		for i := range runs {
			page.Cursors = append(page.Cursors, cursors[runs[i].ID])
		}
		if more != nil {
			return more(tx, runs)
		}
		return nil
	})
	return &page, sel, err
}

// CountRuns returns how many runs match a filter (as RunQuery.Filter).
func (q *Query) CountRuns(ctx context.Context, projectID int64, filter []byte) (int, error) {
	f, err := RunQuery{Filter: filter}.filter(q.opt.Now())
	if err != nil {
		return 0, err
	}
	if f.root == nil {
		return q.countAll(ctx, projectID)
	}
	n := 0
	err = q.ask(ctx, projectID, f.fields, func(tx *meta.Tx, t *runTable) error {
		n = t.pick(f, nil, nil, 0, 0).total
		return nil
	})
	return n, err
}

// RunTable is a page of the run table for a screen.
type RunTable struct {
	Total   int      `json:"total"` // runs of the project
	Found   int      `json:"found"` // of them match
	Millis  int64    `json:"ms"`
	Rows    []RunRow `json:"rows"`
	Running int      `json:"running"` // of the found, still running
}

// RunRow is a run in the table. NaN and ±Infinity in values are strings.
type RunRow struct {
	Name      string                     `json:"name"`
	Display   string                     `json:"display"`
	State     ballast.State              `json:"state"`
	Created   time.Time                  `json:"created"`
	Heartbeat time.Time                  `json:"heartbeat"`
	Runtime   float64                    `json:"runtime"` // seconds
	User      string                     `json:"user"`
	Group     string                     `json:"group"`
	JobType   string                     `json:"jobType"`
	Tags      []string                   `json:"tags"`
	Ordinal   int64                      `json:"ordinal"`
	Steps     int64                      `json:"steps"` // rows of history
	Stop      bool                       `json:"stop"`
	Rev       int64                      `json:"rev"`
	Ver       int64                      `json:"ver"`
	Branches  []RunBranch                `json:"branches,omitempty"`
	Values    map[string]json.RawMessage `json:"values"` // of the columns asked for; a run without the key has none
}

// RunBranch says where a run began again: its fork, and each rewind.
type RunBranch struct {
	From    string `json:"from,omitempty"`    // the run it was forked from; none for a rewind, or when it is in another project
	Display string `json:"display,omitempty"` // the name that people gave that run
	Gone    bool   `json:"gone,omitempty"`    // that run cannot be opened any more
	Rewind  bool   `json:"rewind,omitempty"`
	Step    int64  `json:"step"` // the last step that was kept
}

func runBranches(all []ballast.Branch) (out []RunBranch) {
	for _, b := range all {
		r := RunBranch{Rewind: b.Rewind(), Step: b.Step}
		if !r.Rewind {
			r.From, r.Display, r.Gone = b.Name, b.Display, b.Gone
		}
		out = append(out, r)
	}
	return out
}

// RunTable returns a page of the table with the columns asked for, each a
// field name as in filters ("config.lr", "summary_metrics.loss").
func (q *Query) RunTable(ctx context.Context, projectID int64, rq RunQuery, columns []string) (*RunTable, error) {
	start := time.Now()
	if len(rq.Order) == 0 {
		rq.Order = []string{"-created_at"} // screens show the newest first
	}
	if len(columns) > maxTableColumns {
		return nil, ballast.Errorf(ballast.Invalid, "%d columns are asked for, at most %d are allowed", len(columns), maxTableColumns)
	}
	fields, err := parseFields(columns)
	if err != nil {
		return nil, err
	}
	ex := newExtractor(append(fields, durationFields...))
	table := RunTable{Rows: []RunRow{}}
	_, sel, err := q.page(ctx, projectID, rq, func(tx *meta.Tx, runs []ballast.Run) error {
		ids := make([]int64, len(runs))
		for i := range runs {
			ids[i] = runs[i].ID
		}
		summaries, err := tx.Summaries(ids)
		if err != nil {
			return err
		}
		branches, err := tx.Branches(ids...)
		if err != nil {
			return err
		}
		for i := range runs {
			row := runRow(&runs[i], summaries[runs[i].ID], ex, columns)
			row.Branches = runBranches(branches[runs[i].ID])
			table.Rows = append(table.Rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	table.Total, table.Found, table.Running = sel.live, sel.total, sel.running
	table.Millis = time.Since(start).Milliseconds()
	return &table, nil
}

func parseFields(names []string) (fields []field, err error) {
	fields = make([]field, len(names))
	for i, name := range names {
		if fields[i], err = parseField(name); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// runRow fills a row; ex extracts the columns, then the duration's fields.
func runRow(r *ballast.Run, summary []byte, ex *extractor, columns []string) RunRow {
	row := RunRow{Name: r.Name, Display: r.Display, State: r.Live.State, Created: r.Created, Heartbeat: r.Live.Heartbeat,
		User: r.User, Group: r.Group, JobType: r.JobType, Tags: append([]string{}, r.Tags...), Ordinal: r.Ordinal,
		Steps: r.Live.Rows, Stop: r.Live.Stop, Rev: r.Rev, Ver: r.Live.Ver, Values: map[string]json.RawMessage{}}
	values, took := rowValues(r, summary, ex)
	row.Runtime = took.num
	for i, name := range columns {
		if values[i].kind != missing {
			row.Values[name] = appendCell(nil, values[i])
		}
	}
	return row
}

// rowValues returns the values of ex's fields, whose last ones are those of the
// duration, and the duration. They are valid until ex is used again.
func rowValues(r *ballast.Run, summary []byte, ex *extractor) (values []value, took value) {
	values = ex.extract(r.Config, summary)
	values, counted := values[:len(values)-len(durationFields)], values[len(values)-len(durationFields):]
	took = duration(r, counted...)
	for i := range values {
		switch f := ex.fields[i]; {
		case f.name == "duration":
			values[i] = took
		case f.source == fromRun:
			values[i] = runColumn(r, f.name)
		}
	}
	return values, took
}

// appendCell appends a value as JSON: times in ISO 8601, NaN and ±Infinity as
// strings.
func appendCell(dst []byte, v value) []byte {
	if v.kind == moment {
		return history.AppendText(dst, time.UnixMicro(int64(v.num)).UTC().Format(time.RFC3339Nano))
	}
	return v.appendJSON(dst, true)
}
