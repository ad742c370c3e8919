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
)

// Source gives series in ascending order of key, each as pieces in row order.
type Source interface {
	// RowRange returns the rows that it covers: from <= row < to.
	RowRange() (from, to int64)
	// Scan calls yield for pieces of every series, sorted by (key, row). The
	// Points are valid during the call.
	Scan(ctx context.Context, yield func(*Points) error) error
	// Values is how many values there are, more or less.
	Values() int64
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
	PageRows   int // values of a page, 32768
	GroupRows  int // values of a row group, 262144
	GroupKeys  int // series of a row group, 4096: whoever reads one series parses what the directory says of so many
	PageBytes  int // JSON of a page, 1 MiB, but for longer single values
	GroupBytes int // JSON of a row group, about 16 MiB
}

func (o *WriteOptions) fill() {
	for _, f := range []struct {
		field *int
		value int
	}{{&o.PageRows, 32768}, {&o.GroupRows, 262144}, {&o.GroupKeys, 4096}, {&o.PageBytes, 1 << 20}, {&o.GroupBytes, 16 << 20}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
}

// groupRoom is how many values of a row group there is room for from the start:
// making room while they come copies them again and again.
func (o *WriteOptions) groupRoom(sources []Source) int {
	all := int64(0)
	for _, src := range sources {
		all += src.Values()
	}
	const piece = 4096 // the last piece of a group is added whole
	return int(min(all, int64(o.GroupRows)+piece))
}

// longSeries is the number of values from which a series shares no page: its
// values get the encoding that suits them.
const longSeries = 2048

// WriteSegment writes one object from sources whose rows follow each other:
// `PAR1 | row groups | levels of detail | directory | Parquet footer`.
func WriteSegment(ctx context.Context, w io.Writer, sources []Source, o WriteOptions) (SegmentInfo, error) {
	o.fill()
	codec, err := newPageCodec()
	if err != nil {
		return SegmentInfo{}, fmt.Errorf("writing a segment: %w", err)
	}
	s := &segmentWriter{w: w, opt: o, codec: codec, info: SegmentInfo{StepMin: math.MaxInt64, StepMax: math.MinInt64}}
	s.dir.version = dirVersion
	s.group.grow(o.groupRoom(sources))
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
	texts  int    // bytes of JSON in group
	begin  int    // of the present series in group
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
	if err := s.flush(s.group.Len()); err != nil {
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
		s.level.reset()
		for i := range head {
			for head[i] != nil && head[i].Key == key {
				if err := s.add(key, head[i]); err != nil {
					return err
				}
				head[i], _ = next[i]()
			}
		}
		if err := s.endSeries(key); err != nil {
			return err
		}
	}
	return fault
}

// add appends a piece of the present series and writes what is full: a long
// series gets row groups of its own, shorter ones share groups and are never
// split.
func (s *segmentWriter) add(key string, p *Points) error {
	s.group.append(p, 0, p.Len())
	for _, t := range p.JSON {
		s.texts += len(t)
	}
	s.level.add(p)
	for s.group.Len() > s.opt.GroupRows || s.texts > s.opt.GroupBytes && s.group.Len() > 1 {
		n := s.begin
		if n == 0 {
			n = min(s.group.Len(), s.opt.GroupRows)
			if err := s.part(key, n); err != nil {
				return err
			}
		}
		if err := s.flush(n); err != nil {
			return err
		}
	}
	return nil
}

// part notes the present series' values up to place `to` of the group.
func (s *segmentWriter) part(key string, to int) error {
	q := s.group.slice(s.begin, to)
	q.Key = key
	ref, err := describe(&q)
	if err != nil {
		return fmt.Errorf("key %.80q: %w", key, err)
	}
	ref.start = s.begin
	s.series = append(s.series, ref)
	s.begin = to
	s.info.Points += int64(q.Len())
	s.info.StepMin, s.info.StepMax = min(s.info.StepMin, ref.state.FirstStep), max(s.info.StepMax, ref.state.LastStep)
	return nil
}

func (s *segmentWriter) endSeries(key string) error {
	if s.group.Len() > s.begin {
		if err := s.part(key, s.group.Len()); err != nil {
			return err
		}
	}
	s.info.Keys++
	if err := s.addLevels(key); err != nil || len(s.series) < s.opt.GroupKeys {
		return err
	}
	return s.flush(s.begin)
}

// describe is what the directory says of a series.
func describe(p *Points) (seriesRef, error) {
	n := p.Len()
	ref := seriesRef{key: p.Key, n: n, firstStep0: p.Step[0], stepEven: true, forms: p.FormAt(0), lastForm: p.FormAt(n - 1)}
	ref.state.add(p)
	ref.state.Key = p.Key
	ref.rowStride = 1
	if n > 1 {
		ref.rowStride, ref.stepStride = p.Row[1]-p.Row[0], p.Step[1]-p.Step[0]
	}
	even := true
	for i := 1; i < n; i++ {
		if p.Row[i] <= p.Row[i-1] {
			return ref, errTwice
		}
		even = even && p.Row[i]-p.Row[i-1] == ref.rowStride
		ref.stepEven = ref.stepEven && p.Step[i]-p.Step[i-1] == ref.stepStride
	}
	if !even {
		ref.rowStride = 0
	}
	if !ref.stepEven {
		ref.stepStride = 0
	}
	ref.hasJSON, ref.hasNumbers = ref.forms == JSON, ref.forms != JSON
	for _, f := range p.Form {
		ref.mixed = ref.mixed || f != ref.forms
		ref.hasJSON = ref.hasJSON || f == JSON
		ref.hasNumbers = ref.hasNumbers || f != JSON
	}
	return ref, nil
}

// addLevels encodes the levels of the series that just ended; they belong to
// its first part, whose block is not written before the end.
func (s *segmentWriter) addLevels(key string) error {
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
	ref := s.firstPart(key)
	if ref == nil {
		return errors.New("a series with levels has no part")
	}
	ref.levels = levels
	return nil
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

// flush writes the first n values of the group, whose series are noted, as a
// row group.
func (s *segmentWriter) flush(n int) error {
	if n == 0 {
		return nil
	}
	off := s.at
	k := block{series: s.series}
	k.pages = s.cutPages(k.series)
	if err := s.writePages(&k, off, n); err != nil {
		return err
	}
	s.dir.groups = append(s.dir.groups, groupRef{off: off, len: s.at - off, firstKey: k.series[0].key, lastKey: k.series[len(k.series)-1].key})
	s.blocks = append(s.blocks, k)
	s.series = nil
	s.begin -= n
	s.group.shift(n)
	s.texts = 0
	for _, t := range s.group.JSON {
		s.texts += len(t)
	}
	return nil
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
		raw := s.blocks[i].append(nil, s.dir.version)
		blocks[i] = s.codec.zip.EncodeAll(raw, nil)
		s.dir.groups[i].blockRaw = int64(len(raw))
		total += len(blocks[i]) + 40 + len(s.dir.groups[i].firstKey) + len(s.dir.groups[i].lastKey)
	}
	d := &s.dir
	d.row0, d.rows, d.points, d.keys, d.stepMin, d.stepMax = s.info.Row0, s.info.Rows, s.info.Points, s.info.Keys, s.info.StepMin, s.info.StepMax
	d.inline = total < MaxInlineDir
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
