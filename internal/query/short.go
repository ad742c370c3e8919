package query

import (
	"context"
	"slices"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// maxShortNames of a query are looked up.
const maxShortNames = 20

// complete finds out what the names in a query's text mean that are no field of
// a run: "val/top1 > 0.8" asks summary_metrics.val/top1 when runs of the project
// have that metric, or config.val/top1 when they have that setting. Both at once
// is Invalid; neither is left to the parser, which says so. columns are asked for
// afterwards: all is read into the table at once.
func (q *Query) complete(ctx context.Context, projectID int64, rq RunQuery, columns ...string) (RunQuery, error) {
	names, also := shortNames(rq.Text, q.opt.Now())
	if len(names) == 0 {
		return rq, nil
	}
	if len(names) > maxShortNames {
		return rq, ballast.Errorf(ballast.Invalid, "the query has more than %d names without summary_metrics. or config. before them", maxShortNames)
	}
	var fields []field
	for _, name := range names {
		path := splitPath(name)
		fields = append(fields, field{source: fromSummary, path: path}, field{source: fromConfig, path: path})
	}
	// What is wrong with these is said where they are used.
	if keys, err := parseOrder(rq.Order); err == nil {
		also = append(also, orderFields(keys)...)
	}
	if parsed, err := parseFields(columns); err == nil {
		also = append(also, parsed...)
	}
	rq.short = map[string]field{}
	err := q.ask(ctx, projectID, slices.Concat(fields, also), func(_ *meta.Tx, t *runTable) error {
		cols := t.columns(fields)
		for i, name := range names {
			metric, setting := t.has(cols[2*i]), t.has(cols[2*i+1])
			switch {
			case metric && setting:
				return ballast.Errorf(ballast.Invalid, "query: %.80q is a metric and a setting; write summary_metrics.%.80s or config.%.80s", name, name, name)
			case metric:
				rq.short[name] = fields[2*i]
			case setting:
				rq.short[name] = fields[2*i+1]
			}
		}
		return nil
	})
	return rq, err
}

// has reports whether any run has a value in a column.
func (t *runTable) has(c *column) bool {
	for i, k := range c.kinds {
		if k != missing && !t.rows[i].dead {
			return true
		}
	}
	return false
}

// shortNames lists the names in a query's text that are no field, each once, and
// the fields. A text that does not parse has none: the parser will say why.
func shortNames(text string, now time.Time) (names []string, fields []field) {
	p := textParser{s: text, now: now, sees: func(name string, f field, known bool) {
		if known {
			fields = append(fields, f)
		} else if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}}
	if _, err := p.parse(); err != nil {
		return nil, nil
	}
	return names, fields
}
