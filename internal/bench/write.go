package bench

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// measureIngestFigure is Ingest as a figure.
func measureIngestFigure(ctx context.Context, o Options, f *Figure) error {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	r, err := Ingest(ctx, IngestOptions{URL: s.URL, Key: s.Key, PID: s.PID, Dir: s.Dir, Runs: o.Size.of(8, 64, 64),
		Duration: time.Duration(o.Size.of(200, 5000, 10_000)) * time.Millisecond})
	if err != nil {
		return err
	}
	f.add("100 rows × 100 keys a request", r.Big.Points, "points/s", 4e6, false).limited(r.Big.Echo*1e4, "points/s: a server that stores nothing")
	f.add("  requests, against the disk", r.Big.PerSecond, "1/s", 0, false).limited(r.Big.Disk, "1/s: write and sync of the bodies")
	f.add("  p99 of the acknowledgement", r.Big.P99, "ms", 0, true)
	f.add("  for each core that the server used", float64(r.Big.Requests)*1e4/max(r.Big.CPU, 0.01), "points/s", 0, false)
	f.add("1 row × 10 keys a request", r.Small.PerSecond, "requests/s", 10_000, false).limited(r.Small.Echo, "requests/s: a server that stores nothing")
	f.add("  p99 of the acknowledgement", r.Small.P99, "ms", 0, true)
	f.add("  for each core that the server used", float64(r.Small.Requests)/max(r.Small.CPU, 0.01), "requests/s", 0, false)
	f.Memory, f.Peak = r.Memory, r.MemoryMax
	return nil
}

// measureVisible measures how soon a value is in a chart while others write at
// half of the highest load.
func measureVisible(ctx context.Context, o Options, f *Figure) error {
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	base, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	runs, d := o.Size.of(4, 32, 32), time.Duration(o.Size.of(200, 4000, 8000))*time.Millisecond
	paths := make([]string, runs)
	for i := range paths {
		if paths[i], err = upsertRun(ctx, base, s.Key, "visible", fmt.Sprintf("writer-%d", i)); err != nil {
			return err
		}
	}
	probe, err := upsertRun(ctx, base, s.Key, "visible", "probe")
	if err != nil {
		return err
	}
	bodies := []*body{newBody(rand.New(rand.NewPCG(5, 6)), bodyShape{rows: 100, keys: 100})}
	highest, err := drive(ctx, base, paths, s.Key, bodies, d)
	if err != nil {
		return err
	}
	rate := float64(len(highest.took)) / highest.seconds / 2
	done := make(chan error, 1)
	half := *bodies[0]
	half.pause = time.Duration(float64(runs) / rate * float64(time.Second))
	go func() {
		_, err := drive(ctx, base, paths, s.Key, []*body{&half}, 2*d)
		done <- err
	}()
	c, err := dial(ctx, base, probe, s.Key)
	if err != nil {
		return err
	}
	defer c.net.Close()
	one := newBody(rand.New(rand.NewPCG(7, 8)), bodyShape{rows: 1, keys: 10})
	var seen times
	end := time.Now().Add(2*d - d/4)
	for line := int64(0); time.Now().Before(end); line++ {
		took, err := s.untilVisible(ctx, c, one, line)
		if err != nil {
			return err
		}
		seen = append(seen, took)
	}
	if err := <-done; err != nil {
		return err
	}
	seen = sorted(seen)
	bare, err := echoTime(ctx, 100)
	if err != nil {
		return err
	}
	f.add(fmt.Sprintf("p99 of %d, while others write %.2g M points/s", len(seen), rate*1e4/1e6), seen.at(0.99), "ms", 50, true).limited(2*bare.at(0.99), "ms: two bare HTTP replies on the idle machine")
	f.add("median", seen.at(0.5), "ms", 0, true)
	f.memory(s)
	return nil
}

// untilVisible sends a row and asks for a chart until the row is in it.
func (s *Server) untilVisible(ctx context.Context, c *conn, b *body, line int64) (time.Duration, error) {
	b.at(line)
	began := time.Now()
	for {
		status, err := c.post(b.text)
		if err != nil {
			return 0, err
		}
		if status == 200 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for {
		p, _, err := s.panel(ctx, map[string]any{"project": "bench/visible", "runs": []string{"probe"}, "key": "train/metric_0", "min": firstStep + line})
		if err != nil {
			return 0, err
		}
		if p.Runs[0].Total == 1 {
			return time.Since(began), nil
		}
	}
}

// wideRow sends rows of many keys and asks for charts of one of them.
func wideRow(ctx context.Context, s *Server, keys, rows int) (accepted, first, chart times, size int, err error) {
	base, err := url.Parse(s.URL)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	path, err := upsertRun(ctx, base, s.Key, "wide", fmt.Sprintf("wide-%d", keys))
	if err != nil {
		return nil, nil, nil, 0, err
	}
	c, err := dial(ctx, base, path, s.Key)
	if err != nil {
		return nil, nil, nil, 0, err
	}
	defer c.net.Close()
	b := newBody(rand.New(rand.NewPCG(9, 1)), bodyShape{rows: 1, keys: keys})
	line := int64(0)
	accepted, err = repeat(ctx, rows, func() error {
		b.at(line)
		line++
		status, err := c.post(b.text)
		if err == nil && status != 200 {
			err = fmt.Errorf("a row of %d keys: status %d", keys, status)
		}
		return err
	})
	if err != nil {
		return nil, nil, nil, 0, err
	}
	draw := func() error {
		p, _, err := s.panel(ctx, map[string]any{"project": "bench/wide", "runs": []string{fmt.Sprintf("wide-%d", keys)}, "key": fmt.Sprintf("train/metric_%d", keys/2)})
		if err == nil && p.Runs[0].Total != int64(rows) {
			err = fmt.Errorf("the chart has %d of %d points", p.Runs[0].Total, rows)
		}
		return err
	}
	if first, err = repeat(ctx, 1, draw); err != nil {
		return nil, nil, nil, 0, err
	}
	chart, err = repeat(ctx, 20, draw)
	return accepted, first, chart, len(b.text), err
}

// measureExport measures whole histories in and out of Parquet, and pages of
// rows through the API as the SDK asks for them.
func measureExport(ctx context.Context, o Options, f *Figure) error {
	rows, keys := o.Size.of(500, 20_000, 20_000), 100
	tail, err := mixedTail(rows, keys)
	if err != nil {
		return err
	}
	points := float64(rows * (keys + 1))
	var object bytes.Buffer
	var info history.SegmentInfo
	before, began := ownCPU(), time.Now()
	if info, err = history.WriteSegment(ctx, &object, []history.Source{tail}, history.WriteOptions{}); err != nil {
		return err
	}
	took, used := time.Since(began), ownCPU()-before
	disk, err := diskLimit(o.Dir, object.Bytes(), time.Second)
	if err != nil {
		return err
	}
	f.add("writing Parquet", points/took.Seconds(), "points/s", 10e6, false).limited(disk*points, "points/s: write and sync of the same bytes")
	f.add("  for each core", points/used.Seconds(), "points/s", 0, false)
	seg, err := history.OpenSegment(info.Dir, func(_ context.Context, off, n int64) ([]byte, error) { return object.Bytes()[off : off+n], nil }, history.SegmentOptions{Name: "bench", Visible: info.Rows, Cache: history.NewPageCache(1)})
	if err != nil {
		return err
	}
	read := 0.0
	before, began = ownCPU(), time.Now()
	if err := seg.Scan(ctx, func(p *history.Points) error { read += float64(p.Len()); return nil }); err != nil {
		return err
	}
	took, used = time.Since(began), ownCPU()-before
	if read != points {
		return fmt.Errorf("%v of %v points came back", read, points)
	}
	f.add("reading it", points/took.Seconds(), "points/s", 10e6, false).limited(points/scanLimit(int(points), 500).Seconds(), "points/s: a walk over as many numbers in memory")
	f.add("  for each core", points/used.Seconds(), "points/s", 0, false)
	return exportPages(ctx, o, f, min(rows, 5000), keys)
}

// exportPages asks for pages of 1,000 steps, as scan_history does.
func exportPages(ctx context.Context, o Options, f *Figure, rows, keys int) error {
	s, err := filled(ctx, o, "export", func(f *filler) error {
		id, err := f.run(ctx, "all")
		if err != nil {
			return err
		}
		r, names := rand.New(rand.NewPCG(1, 2)), keyNames(keys)
		for row := 0; row < rows; row += 100 {
			if err := f.rows(ctx, id, row, min(100, rows-row), mixed(r, names)); err != nil {
				return err
			}
		}
		return f.seal(ctx, id)
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	bytes, before := 0, cpuOf(s.PID)
	pages, err := repeat(ctx, 1, func() error {
		for from := 0; from < rows; from += 1000 {
			var data struct {
				Project struct{ Run struct{ History []string } }
			}
			err := s.graphql(ctx, `query HistoryPage($min:Int64!,$max:Int64!){project(name:"export",entityName:"bench"){run(name:"all"){history(minStep:$min,maxStep:$max,samples:1000)}}}`,
				map[string]any{"min": from, "max": from + 1000}, &data)
			if err != nil {
				return err
			}
			if got := len(data.Project.Run.History); got != min(1000, rows-from) {
				return fmt.Errorf("a page from step %d has %d rows", from, got)
			}
			for _, row := range data.Project.Run.History {
				bytes += len(row)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	used := cpuOf(s.PID) - before
	f.add(fmt.Sprintf("pages of 1,000 steps × %d keys through the API", keys), float64(rows*keys)/pages[0].Seconds(), "points/s", 1e6, false)
	if used > 0 {
		f.add("  for each core that the server used", float64(rows*keys)/used.Seconds(), "points/s", 0, false)
	}
	f.memory(s)
	return nil
}

func keyNames(n int) [][]byte {
	names := make([][]byte, n)
	for k := range names {
		names[k] = fmt.Appendf(nil, "train/metric_%d", k)
	}
	return names
}

// mixed sets the values that training scripts log (ENGINE): of ten keys four
// are float32 noise, three float64 noise, one rounded, one a counter, one a cosine.
func mixed(r *rand.Rand, names [][]byte) func(*history.Builder, int) {
	return func(b *history.Builder, row int) {
		for k, name := range names {
			switch d := k % 10; {
			case d < 4:
				b.Number(name, float64(r.Float32()), false)
			case d < 7:
				b.Number(name, r.NormFloat64(), false)
			case d == 7:
				b.Number(name, math.Round(r.Float64()*1e4)/1e4, false)
			case d == 8:
				b.Number(name, float64(k*1000+row), true)
			default:
				b.Number(name, math.Cos(float64(row)/50+float64(k)), false)
			}
		}
	}
}

func mixedTail(rows, keys int) (*history.Tail, error) {
	var chunks []history.TailChunk
	var b history.Builder
	set := mixed(rand.New(rand.NewPCG(1, 2)), keyNames(keys))
	for row := 0; row < rows; row += 100 {
		b.Reset()
		for i := row; i < min(row+100, rows); i++ {
			b.Row()
			b.Number([]byte("_step"), float64(i), true)
			set(&b, i)
		}
		chunks = append(chunks, history.TailChunk{Row0: int64(row), Rows: min(100, rows-row), Data: b.Append(nil)})
	}
	return history.OpenTail(chunks)
}

// measureSize measures bytes at rest: objects, and what the database keeps of
// them.
func measureSize(ctx context.Context, o Options, f *Figure) error {
	rows, keys := o.Size.of(3000, 200_000, 1_000_000), 10
	kinds := []struct {
		name  string
		goal  float64
		value func(r *rand.Rand, row int) float64
	}{
		{"float32", 4, func(r *rand.Rand, _ int) float64 { return float64(r.Float32()) }},
		{"float64", 7.5, func(r *rand.Rand, _ int) float64 { return r.NormFloat64() }},
		{"rounded to 4 digits", 2.2, func(r *rand.Rand, _ int) float64 { return math.Round(r.Float64()*1e4) / 1e4 }},
		{"cosine", 0, func(_ *rand.Rand, row int) float64 { return math.Cos(float64(row) / 100) }},
	}
	s, err := StartServer(ctx, o.Exe, o.Dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := s.end(); err != nil {
		return err
	}
	fill, err := openFiller(ctx, s, "size")
	if err != nil {
		return err
	}
	defer fill.close()
	for _, kind := range kinds {
		id, err := fill.run(ctx, kind.name)
		if err != nil {
			return err
		}
		r, names := rand.New(rand.NewPCG(1, 2)), keyNames(keys)
		for row := 0; row < rows; row += 1000 {
			if err := fill.rows(ctx, id, row, min(1000, rows-row), func(b *history.Builder, row int) {
				for _, name := range names {
					b.Number(name, kind.value(r, row), false)
				}
			}); err != nil {
				return err
			}
		}
		if err := fill.seal(ctx, id); err != nil {
			return err
		}
		bytes, points := int64(0), int64(0)
		err = fill.db.Read(ctx, func(tx *meta.Tx) error {
			segments, err := tx.Segments(id, ballast.History)
			for _, g := range segments {
				bytes, points = bytes+g.Bytes+int64(len(g.Dir))+300, points+g.Points // 300: its row and the object's, roughly
			}
			return err
		})
		if err != nil {
			return err
		}
		if points != int64(rows*(keys+1)) {
			return fmt.Errorf("%s: %d of %d points are sealed", kind.name, points, rows*(keys+1))
		}
		v := f.add(kind.name, float64(bytes)/float64(rows*keys), "B/point", kind.goal, true)
		v.limited(8, "B: the number itself")
		if o.Size == Small {
			v.Goal = 0 // headers count for more there
		}
	}
	return nil
}
