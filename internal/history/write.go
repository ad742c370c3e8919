package history

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math"
	"slices"
)

// Source gives series in ascending order of key, each as pieces in row order.
type Source interface {
	// RowRange returns the rows that it covers: from <= row < to.
	RowRange() (from, to int64)
	// Scan calls yield for pieces of every series, sorted by (key, row). The
	// Points are valid during the call.
	Scan(ctx context.Context, yield func(*Points) error) error
}

// SegmentInfo is what SQL keeps about a segment.
type SegmentInfo struct {
	Row0, Rows       int64
	Points           int64 // values, numbers and JSON
	Keys             int
	StepMin, StepMax int64
	Bytes            int64
	DirOff, DirLen   int64
	Dir              []byte // the directory's top: store it with the pointer when it is at most MaxInlineDir
}

// WriteOptions are for tests and for measuring; the zero value is right.
type WriteOptions struct {
	PageRows  int // values of a page, 32768
	GroupRows int // values of a row group, 262144
}

// WriteSegment writes one object from sources whose rows follow each other:
// `PAR1 | row groups | levels of detail | directory | Parquet footer`.
func WriteSegment(ctx context.Context, w io.Writer, sources []Source, o WriteOptions) (SegmentInfo, error) {
	if o.PageRows <= 0 {
		o.PageRows = 32768
	}
	if o.GroupRows <= 0 {
		o.GroupRows = 262144
	}
	codec, err := newPageCodec()
	if err != nil {
		return SegmentInfo{}, fmt.Errorf("writing a segment: %w", err)
	}
	s := &segmentWriter{w: w, opt: o, codec: codec, info: SegmentInfo{StepMin: math.MaxInt64, StepMax: math.MinInt64}}
	if err := s.write(ctx, sources); err != nil {
		return SegmentInfo{}, fmt.Errorf("writing a segment: %w", err)
	}
	return s.info, nil
}

// segmentWriter collects a row group and writes it when it is full.
type segmentWriter struct {
	w     io.Writer
	opt   WriteOptions
	codec *pageCodec
	info  SegmentInfo
	at    int64 // bytes written

	group  Points // of several keys; Key is unused
	series []seriesRef
	level  levelBuilder

	dir     directory
	blocks  []block
	details []byte // levels of detail, until all groups are written
	footer  footer
}

func (s *segmentWriter) write(ctx context.Context, sources []Source) error {
	for i, src := range sources {
		from, to := src.RowRange()
		if i == 0 {
			s.info.Row0 = from
		} else if from < s.info.Row0+s.info.Rows {
			return errors.New("the sources' rows overlap")
		}
		s.info.Rows = to - s.info.Row0
	}
	if err := s.put([]byte(parquetMagic)); err != nil {
		return err
	}
	if err := s.merge(ctx, sources); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.finish(); err != nil {
		return err
	}
	s.info.Bytes = s.at
	return nil
}

func (s *segmentWriter) put(b []byte) error {
	n, err := s.w.Write(b)
	s.at += int64(n)
	return err
}

// pieces is a Source as an iterator that can be pulled.
func pieces(ctx context.Context, src Source, fail *error) iter.Seq[*Points] {
	stop := errors.New("stop")
	return func(yield func(*Points) bool) {
		err := src.Scan(ctx, func(p *Points) error {
			if !yield(p) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			*fail = err
		}
	}
}

// merge brings the sources' series together, key by key.
func (s *segmentWriter) merge(ctx context.Context, sources []Source) error {
	var fault error
	next := make([]func() (*Points, bool), len(sources))
	head := make([]*Points, len(sources))
	for i, src := range sources {
		pull, stop := iter.Pull(pieces(ctx, src, &fault))
		defer stop()
		next[i] = pull
		head[i], _ = pull()
	}
	for fault == nil {
		key, found := "", false
		for _, p := range head {
			if p != nil && (!found || p.Key < key) {
				key, found = p.Key, true
			}
		}
		if !found {
			break
		}
		part := Points{Key: key}
		s.level.reset()
		first := true
		for i := range head {
			for head[i] != nil && head[i].Key == key {
				part.append(head[i], 0, head[i].Len())
				head[i], _ = next[i]()
				if err := s.cut(&part, &first, false); err != nil {
					return err
				}
			}
		}
		if err := s.cut(&part, &first, true); err != nil {
			return err
		}
		s.info.Keys++
	}
	return fault
}

// cut writes what is full of a series; a long one gets row groups of its own,
// shorter ones share groups and are never split.
func (s *segmentWriter) cut(p *Points, first *bool, last bool) error {
	for p.Len() >= s.opt.GroupRows {
		if err := s.flush(); err != nil {
			return err
		}
		if err := s.add(p, s.opt.GroupRows, first); err != nil {
			return err
		}
		if err := s.flush(); err != nil {
			return err
		}
		p.shift(s.opt.GroupRows)
	}
	if !last {
		return nil
	}
	if n := p.Len(); n > 0 {
		if s.group.Len() > 0 && s.group.Len()+n > s.opt.PageRows {
			if err := s.flush(); err != nil {
				return err
			}
		}
		if err := s.add(p, n, first); err != nil {
			return err
		}
	}
	return s.addLevels()
}

// shift drops the first n values.
func (p *Points) shift(n int) {
	q := Points{Key: p.Key}
	q.append(p, n, p.Len())
	*p = q
}

// add puts the first n values of a series into the row group.
func (s *segmentWriter) add(p *Points, n int, first *bool) error {
	q := Points{Key: p.Key}
	q.append(p, 0, n)
	for i := 1; i < n; i++ {
		if q.Row[i] <= q.Row[i-1] {
			return fmt.Errorf("key %.80q: %w", p.Key, errTwice)
		}
	}
	ref := describe(&q)
	ref.start = s.group.Len()
	s.series = append(s.series, ref)
	s.group.append(&q, 0, n)
	s.level.add(&q)
	s.info.Points += int64(n)
	s.info.StepMin, s.info.StepMax = min(s.info.StepMin, ref.state.FirstStep), max(s.info.StepMax, ref.state.LastStep)
	*first = false
	return nil
}

// describe is what the directory says of a series.
func describe(p *Points) seriesRef {
	ref := seriesRef{key: p.Key, n: p.Len(), firstStep0: p.Step[0], stepEven: true, forms: p.All, mixed: false}
	ref.state.add(p)
	ref.state.Key = p.Key
	even := true
	for i := 1; i < p.Len(); i++ {
		even = even && p.Row[i]-p.Row[i-1] == p.Row[1]-p.Row[0]
		ref.stepEven = ref.stepEven && p.Step[i]-p.Step[i-1] == p.Step[1]-p.Step[0]
	}
	switch {
	case p.Len() == 1:
		ref.rowStride = 1
	case even:
		ref.rowStride = p.Row[1] - p.Row[0]
	}
	if p.Len() > 1 && ref.stepEven {
		ref.stepStride = p.Step[1] - p.Step[0]
	}
	ref.forms = p.FormAt(0)
	for i := range p.Len() {
		f := p.FormAt(i)
		ref.mixed = ref.mixed || f != ref.forms
		ref.hasJSON = ref.hasJSON || f == JSON
		ref.hasNumbers = ref.hasNumbers || f != JSON
	}
	return ref
}

// addLevels encodes the levels of the series that just ended; they belong to
// its first part, whose block is not written before the end.
func (s *segmentWriter) addLevels() error {
	var levels []levelRef
	s.level.each(func(width int64, b []Bucket) {
		raw := appendLevel(nil, b)
		zip := s.codec.zip.EncodeAll(raw, nil)
		levels = append(levels, levelRef{width: width, buckets: int64(len(b)), off: int64(len(s.details)), zip: len(zip), raw: len(raw), crc: crc32.Checksum(zip, castagnoli)})
		s.details = append(s.details, zip...)
	})
	if levels == nil {
		return nil
	}
	key := s.lastKey()
	ref := s.firstPart(key)
	if ref == nil {
		return errors.New("a series with levels has no part")
	}
	ref.levels = levels
	return nil
}

func (s *segmentWriter) lastKey() string {
	if n := len(s.series); n > 0 {
		return s.series[n-1].key
	}
	last := s.blocks[len(s.blocks)-1].series
	return last[len(last)-1].key
}

// firstPart finds the first part of the series that was written last.
func (s *segmentWriter) firstPart(key string) *seriesRef {
	var ref *seriesRef
	if n := len(s.series); n > 0 && s.series[n-1].key == key {
		ref = &s.series[n-1]
	}
	for i := len(s.blocks) - 1; i >= 0; i-- {
		part := &s.blocks[i].series[len(s.blocks[i].series)-1]
		if part.key != key {
			break
		}
		ref = part
	}
	return ref
}

// flush writes the row group.
func (s *segmentWriter) flush() error {
	if s.group.Len() == 0 {
		return nil
	}
	off := s.at
	k := block{series: s.series}
	if err := s.pages(&k, off); err != nil {
		return err
	}
	s.dir.groups = append(s.dir.groups, groupRef{off: off, len: s.at - off, firstKey: s.series[0].key, lastKey: s.series[len(s.series)-1].key})
	s.blocks = append(s.blocks, k)
	s.series = nil
	s.group.Reset("")
	return nil
}

// pages writes the columns of the row group, one after the other.
func (s *segmentWriter) pages(k *block, off int64) error {
	n := s.group.Len()
	for at := 0; at < n; at += s.opt.PageRows {
		k.pages = append(k.pages, pageSet{rows: min(s.opt.PageRows, n-at)})
	}
	g := s.footer.group(int64(n))
	if err := s.keyColumn(g); err != nil {
		return err
	}
	forms := s.group.Form
	if forms == nil {
		forms = slices.Repeat([]Form{s.group.All}, n)
	}
	encode := [pageCols]func(from, to int) ([]byte, error){
		colRow:  func(from, to int) ([]byte, error) { return s.codec.ints(s.group.Row[from:to]) },
		colStep: func(from, to int) ([]byte, error) { return s.codec.ints(s.group.Step[from:to]) },
		colValue: func(from, to int) ([]byte, error) {
			return s.codec.numbers(s.group.Value[from:to], s.texts(from, to))
		},
		colInteger: func(from, to int) ([]byte, error) { return s.codec.integers(forms[from:to], 0), nil },
		colJSON:    func(from, to int) ([]byte, error) { return s.codec.texts(s.texts(from, to), to-from) },
	}
	for c := range encode {
		chunk := g.column(parquetColumns[c+1], s.at)
		at := 0
		for i := range k.pages {
			rows := k.pages[i].rows
			payload, err := encode[c](at, at+rows)
			if err != nil {
				return err
			}
			ref := s.codec.ref
			head, err := chunk.page(rows, &ref)
			if err != nil {
				return err
			}
			if err := s.put(head); err != nil {
				return err
			}
			ref.off = s.at - off
			if err := s.put(payload); err != nil {
				return err
			}
			k.pages[i].col[c] = ref
			at += rows
		}
		chunk.end(s.at)
	}
	g.end(s.at)
	return nil
}

func (s *segmentWriter) texts(from, to int) [][]byte {
	if s.group.JSON == nil {
		return nil
	}
	return s.group.JSON[from:to]
}

// finish writes levels, directory and footer.
func (s *segmentWriter) finish() error {
	details := s.at
	if err := s.put(s.details); err != nil {
		return err
	}
	blocks := make([][]byte, len(s.blocks))
	total := 0
	for i := range s.blocks {
		for j := range s.blocks[i].series {
			for l := range s.blocks[i].series[j].levels {
				s.blocks[i].series[j].levels[l].off += details
			}
		}
		blocks[i] = s.blocks[i].append(nil)
		total += len(blocks[i])
	}
	d := &s.dir
	d.row0, d.rows, d.points, d.keys, d.stepMin, d.stepMax = s.info.Row0, s.info.Rows, s.info.Points, s.info.Keys, s.info.StepMin, s.info.StepMax
	d.inline = total+len(d.groups)*64 < MaxInlineDir
	off := s.at
	if d.inline {
		off = 0
	}
	for i, b := range blocks {
		d.groups[i].blockOff, d.groups[i].blockLen, d.groups[i].blockCRC = off, int64(len(b)), crc32.Checksum(b, castagnoli)
		off += int64(len(b))
		if d.inline {
			d.blocks = append(d.blocks, b...)
		} else if err := s.put(b); err != nil {
			return err
		}
	}
	top := d.append(nil)
	s.info.DirOff, s.info.DirLen, s.info.Dir = s.at, int64(len(top)), top
	if err := s.put(top); err != nil {
		return err
	}
	end, err := s.footer.append(nil, s.info)
	if err != nil {
		return err
	}
	end = binary.LittleEndian.AppendUint32(end, uint32(len(end)))
	return s.put(append(end, parquetMagic...))
}
