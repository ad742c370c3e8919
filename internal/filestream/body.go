package filestream

import (
	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

// outer reads a request's body in one pass, without a tree: lines of history
// and events go straight into the columns of a chunk.
type outer struct {
	scanner
	d    *Decoder
	req  *Request
	file string // being read, for faults
	line int
}

func (p *outer) body() error {
	err := p.members(&p.d.name, func(name []byte) error {
		switch string(name) {
		case "files":
			return p.files()
		case "uploaded":
			return p.items(func() error {
				name, err := p.text(nil)
				p.req.Uploaded = append(p.req.Uploaded, string(name))
				return err
			})
		case "preempting":
			return p.flag(func(v bool) { p.req.Preempting = v })
		case "complete":
			return p.flag(func(v bool) { p.req.Complete = &v })
		case "failed":
			return p.flag(func(v bool) { p.req.Failed = v })
		case "exitcode":
			return p.integer("exitcode", func(v int64) { code := int(v); p.req.ExitCode = &code })
		case "dropped":
			return p.integer("dropped", func(v int64) { p.req.Dropped = int(v) })
		}
		_, err := p.skip(2)
		return err
	})
	if err == nil && p.peek() != 0 {
		err = p.fault("text goes on after the body's object")
	}
	if err != nil {
		return p.explain(err)
	}
	return nil
}

// explain says where in the body a fault is.
func (p *outer) explain(err error) error {
	if p.file != "" {
		return ballast.Errorf(ballast.Invalid, "file stream body, %s, line %d of the request: %w", p.file, p.line, err)
	}
	return ballast.Errorf(ballast.Invalid, "file stream body: %w", err)
}

// flag reads true or false; null is as if it were not there.
func (p *outer) flag(set func(bool)) error {
	switch {
	case p.word("true"):
		set(true)
	case p.word("false"):
		set(false)
	case p.word("null"):
	default:
		return p.fault("true or false should stand here")
	}
	return nil
}

// integer reads a whole number within ±2^53; null is as if it were not there.
func (p *outer) integer(field string, set func(int64)) error {
	if p.word("null") {
		return nil
	}
	n := parseNumber(p.buf[p.i:])
	if n.len == 0 || !n.integer || !n.exact {
		return p.fault(field + " must be a whole number")
	}
	p.i += n.len
	set(int64(n.value))
	return nil
}

func (p *outer) files() error {
	if p.word("null") {
		return nil
	}
	return p.members(&p.d.name, func(name []byte) error {
		file := string(name)
		switch file {
		case HistoryFile:
			return p.rows(file, &p.d.history, &p.req.History)
		case EventsFile:
			return p.rows(file, &p.d.events, &p.req.Events)
		case SummaryFile:
			return p.summary(file)
		case OutputFile:
			return p.output(file)
		}
		p.req.Unknown = append(p.req.Unknown, file)
		_, err := p.skip(3)
		return err
	})
}

// chunk reads a file's offset and content; yield stands before each line.
func (p *outer) chunk(file string, yield func() error) (offset int64, err error) {
	p.file, p.line = file, 0
	err = p.members(&p.d.name, func(name []byte) error {
		switch string(name) {
		case "offset":
			err := p.integer("offset", func(v int64) { offset = v })
			if err == nil && offset < 0 {
				err = p.fault("offset must not be negative")
			}
			return err
		case "content":
			return p.items(func() error {
				p.line++
				if p.line > MaxLines {
					return p.fault("too many lines: at most 1048576 are allowed in a request")
				}
				return yield()
			})
		}
		_, err := p.skip(4)
		return err
	})
	if err == nil {
		p.file = ""
	}
	return offset, err
}

func (p *outer) rows(file string, b *history.Builder, into **Rows) error {
	if *into != nil {
		return p.fault("the file " + file + " occurs twice")
	}
	size := 0
	offset, err := p.chunk(file, func() error {
		start := p.i
		err := p.row(b)
		size += p.i - start
		return err
	})
	if err != nil || b.Rows() == 0 {
		return err
	}
	r := &Rows{Offset: offset, Lines: b.Rows(), Chunk: b.Append(nil), FirstHash: b.FirstHash(), Bytes: size}
	r.StepMin, r.StepMax = b.StepRange()
	p.req.Points += b.Values()
	*into = r
	return nil
}

func (p *outer) summary(file string) error {
	var last []byte
	offset, err := p.chunk(file, func() error {
		var err error
		last, err = p.text(nil)
		return err
	})
	if err != nil || last == nil {
		return err
	}
	inner := scanner{buf: last}
	if inner.peek() != '{' {
		return p.fault("the summary is not a JSON object")
	}
	if _, err := inner.skip(1); err != nil {
		return ballast.Errorf(ballast.Invalid, "the summary: %w", err)
	}
	if inner.peek() != 0 {
		return p.fault("text goes on after the summary's object")
	}
	p.req.Summary, p.req.SummaryOffset = last, offset
	return nil
}

func (p *outer) output(file string) error {
	if p.req.Output != nil {
		return p.fault("the file " + file + " occurs twice")
	}
	o := &Output{}
	var err error
	o.Offset, err = p.chunk(file, func() error {
		line, err := p.text(nil)
		if line == nil {
			line = []byte{}
		}
		o.Lines = append(o.Lines, line)
		return err
	})
	if err == nil && len(o.Lines) > 0 {
		p.req.Output = o
	}
	return err
}
