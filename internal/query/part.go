package query

import (
	"encoding/binary"
	"hash/fnv"
	"math"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Names of a part's columns: where they come from, then the run's column or
// the member of its config or summary.
const (
	partRun     = "r"
	partConfig  = "c"
	partSummary = "s"
)

// Columns of a part that no question names.
var partNumbers = []string{"#id", "#rev", "#ver", "#changed", "#user"}

// maxPartDocs is how many bytes of lists and objects a part keeps of one
// column. A column with more is marked as left out.
const maxPartDocs = 4 << 20

// part collects the runs of a part of a project's run table by column: those
// of the run itself, and one for each member of a config and a summary.
type part struct {
	columns map[string]*partColumn
	rows    int
}

// partColumn is one column of a part. Only rows that have something are kept.
type partColumn struct {
	rows  []int32
	kinds []kind
	nums  []float64 // of numbers, times and booleans, in the order of rows
	texts []string  // the different texts
	refs  []int32   // of texts, the place in texts
	docs  [][]byte  // of lists and objects, JSON
	found map[string]int32
	bytes int  // of docs
	lost  bool // it had more than maxPartDocs
}

func newPart() *part { return &part{columns: map[string]*partColumn{}} }

// add takes a run in.
func (p *part) add(r *ballast.Run, summary []byte) {
	for name := range runColumns {
		switch name {
		case "duration", "input_artifacts", "output_artifacts", "username", "entity", "project": // made when it is read
		default:
			p.set(partRun+name, runColumn(r, name))
		}
	}
	for i, n := range []int64{r.ID, r.Rev, r.Live.Ver, r.Live.Changed.UnixMicro(), r.UserID} {
		p.set(partRun+partNumbers[i], numberValue(float64(n)))
	}
	p.document(r.Config, partConfig)
	p.document(summary, partSummary)
	p.rows++
}

// document takes in the members of a config or summary; one that is no JSON
// has those before the fault, as a question has it.
func (p *part) document(doc []byte, prefix string) {
	if len(doc) == 0 {
		return
	}
	in := parser{s: string(doc)}
	_ = in.members(func(key string) error {
		v, err := in.value(1)
		if err != nil {
			return err
		}
		if prefix == partConfig {
			v, _ = v.member("value")
		}
		p.set(prefix+key, v)
		return nil
	})
}

// set gives the run at hand a value; of two the last counts.
func (p *part) set(name string, v value) {
	c := p.columns[name]
	if c == nil {
		if v.kind == missing {
			return
		}
		c = &partColumn{found: map[string]int32{}}
		p.columns[name] = c
	}
	if n := len(c.rows); n > 0 && c.rows[n-1] == int32(p.rows) {
		c.drop()
	}
	if v.kind == missing {
		return
	}
	c.rows, c.kinds = append(c.rows, int32(p.rows)), append(c.kinds, v.kind)
	switch v.kind {
	case number, moment, boolean:
		c.nums = append(c.nums, v.num)
	case text:
		s := v.str[:min(len(v.str), maxCell)]
		at, ok := c.found[s]
		if !ok {
			at = int32(len(c.texts))
			c.texts, c.found[s] = append(c.texts, s), at
		}
		c.refs = append(c.refs, at)
	case list, object:
		doc := v.appendJSON(nil, false)
		if c.bytes += len(doc); c.bytes > maxPartDocs {
			c.lost, doc = true, nil
		}
		c.docs = append(c.docs, doc)
	}
}

// drop takes the last value back.
func (c *partColumn) drop() {
	n := len(c.rows) - 1
	switch c.kinds[n] {
	case number, moment, boolean:
		c.nums = c.nums[:len(c.nums)-1]
	case text:
		c.refs = c.refs[:len(c.refs)-1]
	case list, object:
		c.docs = c.docs[:len(c.docs)-1]
	}
	c.rows, c.kinds = c.rows[:n], c.kinds[:n]
}

// Columns share bundles, so that a run with thousands of sparse keys has few
// rows in the store: a column of smallColumn bytes or more has one of its own.
const (
	sharedBundles = 64
	smallColumn   = 4 << 10
)

// bundleKeys are the bundles that a column can be in: the shared one and its
// own.
func bundleKeys(name string) (shared, own int64) {
	h := fnv.New64a()
	h.Write([]byte(name))
	sum := h.Sum64()
	return int64(sum % sharedBundles), int64(sum>>1) | 1<<62
}

// bundles encodes the part.
func (p *part) bundles() map[int64][]byte {
	content := map[int64][]byte{}
	for name, c := range p.columns {
		if len(c.rows) == 0 {
			continue
		}
		body := c.encode(p.rows)
		key, own := bundleKeys(name)
		if len(body) >= smallColumn {
			key = own
		}
		b := binary.AppendUvarint(content[key], uint64(len(name)))
		b = binary.AppendUvarint(append(b, name...), uint64(len(body)))
		content[key] = append(b, body...)
	}
	for key, b := range content {
		content[key] = sealBundle(b)
	}
	return content
}

// Forms of the rows of an encoded column, and its mark of mixed kinds.
const (
	allRows    = 0
	someRows   = 1
	lostColumn = 2
	mixedKinds = 0xff
)

// encode appends the column as docs/format/run-table-v1.md has it.
func (c *partColumn) encode(rows int) []byte {
	if c.lost {
		return []byte{lostColumn}
	}
	b := []byte{allRows}
	if len(c.rows) < rows {
		b[0] = someRows
		b = binary.AppendUvarint(b, uint64(len(c.rows)))
		last := int32(-1)
		for _, r := range c.rows {
			b = binary.AppendUvarint(b, uint64(r-last-1))
			last = r
		}
	}
	mixed := false
	for _, k := range c.kinds {
		mixed = mixed || k != c.kinds[0]
	}
	if mixed {
		b = append(b, mixedKinds)
		for _, k := range c.kinds {
			b = append(b, byte(k))
		}
	} else {
		b = append(b, byte(c.kinds[0]))
	}
	for _, n := range c.nums {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(n))
	}
	b = binary.AppendUvarint(b, uint64(len(c.texts)))
	for _, s := range c.texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	for _, r := range c.refs {
		b = binary.AppendUvarint(b, uint64(r))
	}
	for _, d := range c.docs {
		b = append(binary.AppendUvarint(b, uint64(len(d))), d...)
	}
	return b
}

// ordinalOf is the first ordinal of a part.
func ordinalOf(part int64) int64 { return part * meta.PartRuns }
