package filestream

import (
	"errors"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
)

// outer reads the JSON around the lines.
type outer struct {
	scanner
	d     *Decoder
	req   *Request
	files []string // named so far
}

func (p *outer) body() error {
	err := p.members(&p.d.name, func(name []byte) error { return p.member(string(name)) })
	if err == nil && p.peek() != 0 {
		err = p.fault("something follows the object")
	}
	if err == nil && p.i < len(p.buf) {
		err = p.fault("a zero byte")
	}
	if err != nil {
		return ballast.Errorf(ballast.Invalid, "read a file stream body of %d bytes: %w", len(p.buf), clip(err))
	}
	return nil
}

// clip keeps an error's text short enough to show.
func clip(err error) error {
	const most = 500
	if text := err.Error(); len(text) > most {
		return errors.New(text[:most] + "…")
	}
	return err
}

func (p *outer) member(name string) (err error) {
	r := p.req
	switch name {
	case "files":
		if p.word("null") {
			return nil
		}
		return p.members(&p.d.name, func(name []byte) error { return p.file(string(name)) })
	case "uploaded":
		return p.items(func() error {
			text, err := p.text(nil)
			r.Uploaded = append(r.Uploaded, string(text))
			return err
		})
	case "preempting":
		r.Preempting, err = p.flag(name)
	case "failed":
		r.Failed, err = p.flag(name)
	case "complete":
		if p.word("null") {
			return nil
		}
		var v bool
		v, err = p.flag(name)
		r.Complete = &v
	case "exitcode":
		if p.word("null") {
			return nil
		}
		var v int64
		v, err = p.integer(name)
		code := int(v)
		r.ExitCode = &code
	case "dropped":
		var v int64
		v, err = p.integer(name)
		r.Dropped = int(v)
	default:
		_, err = p.skip(1)
	}
	return err
}

func (p *outer) flag(name string) (bool, error) {
	switch {
	case p.word("true"):
		return true, nil
	case p.word("false"), p.word("null"):
		return false, nil
	}
	return false, p.fault(name + " must be true or false")
}

func (p *outer) integer(name string) (int64, error) {
	if p.word("null") {
		return 0, nil
	}
	n := parseNumber(p.buf[p.i:])
	if n.len == 0 || !n.integer || !n.exact {
		return 0, p.fault(name + " must be an integer within ±2^53")
	}
	p.i += n.len
	return int64(n.value), nil
}

// file reads {"offset":n,"content":[…]}, whose members come in any order.
func (p *outer) file(name string) error {
	if slices.Contains(p.files, name) {
		return p.fault("file " + name + " is named twice")
	}
	p.files = append(p.files, name)
	offset := int64(-1)
	var out *Output
	var rows *Rows
	err := p.members(&p.d.name, func(member []byte) (err error) {
		switch string(member) {
		case "offset":
			if offset, err = p.integer("offset of " + name); err == nil && offset < 0 {
				err = p.fault("offset of " + name + " is negative")
			}
		case "content":
			switch name {
			case HistoryFile:
				rows, err = p.rows(&p.d.history, name)
			case EventsFile:
				rows, err = p.rows(&p.d.events, name)
			case OutputFile:
				out, err = p.output()
			case SummaryFile:
				err = p.summary()
			default:
				_, err = p.skip(1)
			}
		default:
			_, err = p.skip(1)
		}
		return err
	})
	if err != nil {
		return err
	}
	if offset < 0 && (rows != nil || out != nil || name == SummaryFile && p.req.Summary != nil) {
		return p.fault("file " + name + " has no offset")
	}
	switch name {
	case HistoryFile:
		p.req.History = rows.at(offset)
	case EventsFile:
		p.req.Events = rows.at(offset)
	case OutputFile:
		if out != nil {
			out.Offset = offset
		}
		p.req.Output = out
	case SummaryFile:
		p.req.SummaryOffset = max(offset, 0)
	default:
		p.req.Unknown = append(p.req.Unknown, name)
	}
	return nil
}

func (r *Rows) at(offset int64) *Rows {
	if r != nil {
		r.Offset = offset
	}
	return r
}

// rows reads a list of JSON lines; nil when it is empty.
func (p *outer) rows(b *history.Builder, name string) (*Rows, error) {
	start, lines := p.i, 0
	b.Reset()
	l := line{d: p.d, b: b}
	err := p.items(func() error {
		if lines == MaxLines {
			return p.fault("file " + name + " has more than 1048576 lines in one request")
		}
		l.before = b.Values()
		b.Row()
		lines++
		if next, ok := l.fast(p.buf, p.i); ok && b.Values()-l.before <= MaxLineKeys {
			p.i = next
		} else {
			b.ClearRow()
			if err := p.slow(&l, name, lines-1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || lines == 0 {
		return nil, err
	}
	p.req.Points += b.Values()
	r := &Rows{Lines: lines, Chunk: b.Append(nil), FirstHash: b.FirstHash(), Bytes: p.i - start}
	r.StepMin, r.StepMax = b.StepRange()
	return r, nil
}

// slow reads a line in the general way.
func (p *outer) slow(l *line, name string, n int) error {
	text, err := p.text(p.d.line[:0])
	p.d.line = text
	if err != nil {
		return err
	}
	if err := l.read(text); err != nil {
		return ballast.Errorf(ballast.Invalid, "line %d of the %s in this request is not a JSON object that can be stored: %w", n, name, err)
	}
	return nil
}

// output reads console lines into one piece of memory.
func (p *outer) output() (*Output, error) {
	var all []byte
	var ends []int
	err := p.items(func() (err error) {
		if len(ends) == MaxLines {
			return p.fault("file " + OutputFile + " has more than 1048576 lines in one request")
		}
		all, err = p.text(all)
		ends = append(ends, len(all))
		return err
	})
	if err != nil || len(ends) == 0 {
		return nil, err
	}
	lines := make([][]byte, len(ends))
	for i, start := 0, 0; i < len(ends); i++ {
		lines[i] = all[start:ends[i]:ends[i]]
		start = ends[i]
	}
	return &Output{Lines: lines}, nil
}

// summary keeps the last line.
func (p *outer) summary() error {
	var last []byte
	err := p.items(func() (err error) {
		last, err = p.text(last[:0])
		return err
	})
	if err != nil || last == nil {
		return err
	}
	s := scanner{buf: last}
	if s.peek() != '{' {
		return p.fault("the last line of " + SummaryFile + " is not a JSON object")
	}
	if _, err = s.skip(1); err == nil && s.deep {
		s.i = 0
		last, err = shallow(&s, &p.d.name)
	}
	if err != nil {
		return ballast.Errorf(ballast.Invalid, "the last line of %s is not a JSON object: %w", SummaryFile, err)
	}
	if s.peek(); s.i < len(s.buf) {
		return p.fault("the last line of " + SummaryFile + " goes on after its JSON object")
	}
	p.req.Summary = last
	return nil
}

// shallow is the object that s begins with, with a text of its JSON for each
// member that is nested too deep.
func shallow(s *scanner, name *[]byte) ([]byte, error) {
	out := []byte{'{'}
	err := s.members(name, func(name []byte) error {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(history.AppendText(out, string(name)), ':')
		start := s.i
		s.deep = false
		_, err := s.skip(2)
		if s.deep {
			out = history.AppendText(out, string(s.buf[start:s.i]))
		} else {
			out = append(out, s.buf[start:s.i]...)
		}
		return err
	})
	return append(out, '}'), err
}
