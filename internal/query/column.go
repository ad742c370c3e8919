package query

import (
	"math"
	"strings"
	"unsafe"

	"github.com/ballast-ml/ballast"
)

// maxCell is how many bytes of one value the table keeps; longer texts are cut
// and longer lists and objects become a text that is cut.
const maxCell = 4096

// column is one field of all runs of a project, by row.
type column struct {
	kinds []kind
	nums  []float64       // nil until a number comes
	strs  []string        // nil until a text comes
	big   map[int32]value // lists and objects
	texts map[string]string
	bytes int64 // of texts and big values
	turns int64 // counts changes of values
}

func newColumn(rows int) *column {
	return &column{kinds: make([]kind, rows), texts: map[string]string{}}
}

func (c *column) size() int64 {
	return int64(cap(c.kinds)+8*cap(c.nums)+16*cap(c.strs)) + c.bytes
}

// grow makes room for n rows.
func (c *column) grow(n int) {
	for len(c.kinds) < n {
		c.kinds = append(c.kinds, missing)
		if c.nums != nil {
			c.nums = append(c.nums, 0)
		}
		if c.strs != nil {
			c.strs = append(c.strs, "")
		}
	}
}

func (c *column) set(i int, v value) {
	if v.kind == list || v.kind == object {
		if js := v.appendJSON(nil, false); len(js) > maxCell {
			v = textValue(string(js))
		}
	}
	if c.kinds[i] == v.kind && v.kind < list && c.at(i).cell() == v.cell() {
		return
	}
	c.turns++
	if c.kinds[i] >= list {
		delete(c.big, int32(i))
	}
	c.kinds[i] = v.kind
	switch v.kind {
	case number, moment, boolean:
		if c.nums == nil {
			c.nums = make([]float64, len(c.kinds))
		}
		c.nums[i] = v.num
	case text:
		if c.strs == nil {
			c.strs = make([]string, len(c.kinds))
		}
		c.strs[i] = c.intern(v.str)
	case list, object:
		if c.big == nil {
			c.big = map[int32]value{}
		}
		c.big[int32(i)] = v.clone()
		c.bytes += 200
	}
}

// intern returns one copy of each text that occurs often, and never a part of
// a larger one.
func (c *column) intern(s string) string {
	s = s[:min(len(s), maxCell)]
	if t, ok := c.texts[s]; ok {
		return t
	}
	s = strings.Clone(s)
	c.bytes += int64(len(s))
	if len(c.texts) < 1000 {
		c.texts[s] = s
	}
	return s
}

func (c *column) at(i int) value {
	v := value{kind: c.kinds[i]}
	switch v.kind {
	case number, moment, boolean:
		v.num = c.nums[i]
	case text:
		v.str = c.strs[i]
	case list, object:
		v = c.big[int32(i)]
	}
	return v
}

// clone is a copy that shares no text with a document.
func (v value) clone() value {
	v.str = strings.Clone(v.str)
	v.list = append([]value(nil), v.list...)
	for i := range v.list {
		v.list[i] = v.list[i].clone()
	}
	v.keys = append([]string(nil), v.keys...)
	for i := range v.keys {
		v.keys[i] = strings.Clone(v.keys[i])
	}
	return v
}

// extractor finds the values of several fields in a run's documents, in one
// walk over each, and reads nothing else.
type extractor struct {
	fields  []field
	config  map[string][]wanted // by member of the document
	summary map[string][]wanted
	out     []value // of the last run
	depth   []int
}

// wanted is a field whose first n parts are a member's name.
type wanted struct{ field, n int }

// memberName is the name of the member that the first parts of a path name.
func memberName(path []string) string { return strings.Join(path, ".") }

func newExtractor(fields []field) *extractor {
	e := &extractor{fields: fields, config: map[string][]wanted{}, summary: map[string][]wanted{}}
	for i, f := range fields {
		m := e.config
		switch f.source {
		case fromRun:
			continue
		case fromSummary:
			m = e.summary
		}
		for n := 1; n <= len(f.path); n++ {
			key := memberName(f.path[:n])
			m[key] = append(m[key], wanted{field: i, n: n})
		}
	}
	return e
}

// extract returns the value of each field, valid until the next call; those of
// the run itself are left missing. Values share memory with the documents. A
// document that is no JSON has no fields.
func (e *extractor) extract(config, summary []byte) []value {
	if e.out == nil {
		e.out, e.depth = make([]value, len(e.fields)), make([]int, len(e.fields))
	}
	out, depth := e.out, e.depth
	clear(out)
	clear(depth)
	walk(config, e.config, func(w wanted, v value) {
		if r := resolveConfig(v, e.fields[w.field].path[w.n:]); r.kind != missing && (depth[w.field] == 0 || w.n <= depth[w.field]) {
			out[w.field], depth[w.field] = r, w.n
		}
	})
	walk(summary, e.summary, func(w wanted, v value) {
		if r := v.resolve(e.fields[w.field].path[w.n:]); r.kind != missing && (depth[w.field] == 0 || w.n <= depth[w.field]) {
			out[w.field], depth[w.field] = special(r), w.n
		}
	})
	return out
}

func walk(doc []byte, want map[string][]wanted, found func(wanted, value)) {
	if len(want) == 0 || len(doc) == 0 {
		return
	}
	p := parser{s: unsafe.String(unsafe.SliceData(doc), len(doc))} // nobody writes into it
	_ = p.members(func(key string) error {
		ws := want[key]
		if ws == nil {
			return p.skip()
		}
		v, err := p.value(1)
		if err == nil {
			for _, w := range ws {
				found(w, v)
			}
		}
		return err
	})
}

// special turns the texts that stand for special numbers, which some clients
// send in a summary, into these.
func special(v value) value {
	switch {
	case v.kind != text:
	case v.str == "NaN":
		return numberValue(math.NaN())
	case v.str == "Infinity":
		return numberValue(math.Inf(1))
	case v.str == "-Infinity":
		return numberValue(math.Inf(-1))
	}
	return v
}

// textList is a list of texts; an empty one is missing.
func textList(texts []string) value {
	if len(texts) == 0 {
		return value{}
	}
	v := value{kind: list}
	for _, t := range texts {
		v.list = append(v.list, textValue(t))
	}
	return v
}

// runColumn is the value of one of a run's own columns.
func runColumn(r *ballast.Run, name string) value {
	switch name {
	case "name":
		return textValue(r.Name)
	case "display_name":
		return textValue(r.Display)
	case "state":
		return textValue(string(r.Live.State))
	case "tags":
		return textList(r.Tags)
	case "group":
		return textValue(r.Group)
	case "job_type":
		return textValue(r.JobType)
	case "host":
		return textValue(r.Host)
	case "program":
		return textValue(r.Program)
	case "commit":
		return textValue(r.Commit)
	case "repo":
		return textValue(r.Repo)
	case "username":
		return textValue(r.User)
	case "sweep":
		return textValue(r.Sweep)
	case "notes":
		return textValue(r.Notes)
	case "entity":
		return textValue(r.Entity)
	case "project":
		return textValue(r.Project)
	case "created_at":
		return momentValue(r.Created.UnixMicro(), r.Created.IsZero())
	case "updated_at":
		if r.Live.Heartbeat.After(r.Updated) {
			return momentValue(r.Live.Heartbeat.UnixMicro(), false)
		}
		return momentValue(r.Updated.UnixMicro(), r.Updated.IsZero())
	case "heartbeat_at":
		return momentValue(r.Live.Heartbeat.UnixMicro(), r.Live.Heartbeat.IsZero())
	case "ordinal":
		return numberValue(float64(r.Ordinal))
	case "history_line_count":
		return numberValue(float64(r.Live.Rows))
	case "gaps":
		return numberValue(float64(r.Live.Gaps))
	case "exit_code":
		if r.Live.State == ballast.Finished || r.Live.State == ballast.Failed {
			return numberValue(float64(r.Live.ExitCode))
		}
	case "stop":
		return boolValue(r.Live.Stop)
	}
	return value{}
}

func momentValue(us int64, zero bool) value {
	if zero {
		return value{}
	}
	return value{kind: moment, num: float64(us)}
}

// The paths in a summary that hold how long a run ran, the best first.
var durationFields = []field{
	{source: fromSummary, path: []string{"_wandb", "runtime"}},
	{source: fromSummary, path: []string{"_runtime"}},
}

// duration is how long a run ran, in seconds: what the client counted, or else
// the time from its creation to its last sign of life.
func duration(r *ballast.Run, counted ...value) value {
	for _, v := range counted {
		if v.kind == number && v.num == v.num {
			return v
		}
	}
	if r.Live.Heartbeat.Before(r.Created) {
		return value{}
	}
	return numberValue(r.Live.Heartbeat.Sub(r.Created).Seconds())
}
