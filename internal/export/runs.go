package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/query"
)

// A row group of a table of runs ends with as many rows, or bytes of values.
const (
	groupRows  = 10_000
	groupBytes = 8 << 20
)

// RunsParquet writes runs as a Parquet file with one column for each field,
// typed as export-v1 has it. It keeps one row group in memory.
func RunsParquet(ctx context.Context, to io.Writer, rows *query.TableRows) error {
	f, err := history.NewTableWriter(to, "runs", rows.Columns)
	if err != nil {
		return err
	}
	g := newRunGroup(len(rows.Columns))
	flush := func() error {
		err := f.Write(&g.WideGroup)
		if wrong := new(history.NotOfKind); errors.As(err, wrong) {
			err = ballast.Errorf(ballast.Unavailable, "column %s: a run got a value of another type while the file was written; ask again", rows.Columns[wrong.Column].Name)
		}
		g = newRunGroup(len(rows.Columns))
		return err
	}
	err = rows.Each(ctx, func(values []json.RawMessage) error {
		for i, v := range values {
			if v != nil {
				g.put(i, v, rows.Columns[i].Kind)
			}
		}
		if g.end(); len(g.Rows) < groupRows && g.bytes < groupBytes {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// runGroup is a row group that grows.
type runGroup struct {
	history.WideGroup
	bytes int
}

func newRunGroup(columns int) *runGroup {
	g := &runGroup{WideGroup: history.WideGroup{Values: make([]history.Points, columns)}}
	for i := range g.Values {
		g.Values[i].Form = []history.Form{}
	}
	return g
}

// put adds a value to the row that is not ended.
func (g *runGroup) put(column int, v json.RawMessage, kind history.WideKind) {
	p := &g.Values[column]
	form, n := history.JSON, math.NaN()
	if kind == history.WideNumber {
		if x, ok := numberOf(v); ok {
			form, n, v = history.Float, x, nil
		}
	}
	if kind == history.WideText && v[0] != '"' && string(v) != "null" {
		v = history.AppendText(nil, string(v)) // a list too long for the table in memory
	}
	p.Row, p.Value, p.Form, p.JSON = append(p.Row, int64(len(g.Rows))), append(p.Value, n), append(p.Form, form), append(p.JSON, v)
	g.bytes += len(v) + 32
}

func (g *runGroup) end() { g.Rows = append(g.Rows, int64(len(g.Rows))) }

// numberOf reads a number of a cell: NaN and ±Infinity are strings there.
func numberOf(v json.RawMessage) (float64, bool) {
	n, err := strconv.ParseFloat(string(bytes.Trim(v, `"`)), 64)
	return n, err == nil || math.IsInf(n, 0)
}

// RunsCSV writes runs as text with commas (RFC 4180), the names of the columns
// first. What a spreadsheet would take for a formula gets an apostrophe.
func RunsCSV(ctx context.Context, to io.Writer, rows *query.TableRows) error {
	w := bufio.NewWriterSize(to, 64<<10)
	names := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		names[i] = csvField(harmless(c.Name))
	}
	line := func(fields []string) error {
		_, err := fmt.Fprint(w, strings.Join(fields, ","), "\r\n")
		return err
	}
	if err := line(names); err != nil {
		return err
	}
	fields := make([]string, len(rows.Columns))
	err := rows.Each(ctx, func(values []json.RawMessage) error {
		for i, v := range values {
			fields[i] = csvCell(v)
		}
		return line(fields)
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// csvCell is a value as a field: texts as they are, lists of texts with blanks
// between, anything else as JSON.
func csvCell(v json.RawMessage) string {
	if v == nil || string(v) == "null" {
		return ""
	}
	var s string
	switch v[0] {
	case '"':
		if json.Unmarshal(v, &s) == nil {
			return csvField(harmless(s))
		}
	case '[':
		var texts []string
		if json.Unmarshal(v, &texts) == nil {
			return csvField(harmless(strings.Join(texts, " ")))
		}
	}
	return csvField(string(v))
}

func harmless(s string) string {
	if s == "" || !strings.Contains("=+-@\t\r", s[:1]) || s == "-Infinity" {
		return s
	}
	return "'" + s
}

func csvField(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
