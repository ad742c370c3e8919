package history

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// kinds of values as measured in ENGINE: what training scripts log.
var benchKinds = map[string]func(rng *rand.Rand, row int) (float64, bool){
	"f32":     func(rng *rand.Rand, _ int) (float64, bool) { return float64(float32(rng.Float64())), false },
	"f64":     func(rng *rand.Rand, _ int) (float64, bool) { return rng.NormFloat64(), false },
	"rounded": func(rng *rand.Rand, _ int) (float64, bool) { return math.Round(rng.Float64()*1e4) / 1e4, false },
	"counter": func(_ *rand.Rand, row int) (float64, bool) { return float64(32 * row), true },
	"cosine":  func(_ *rand.Rand, row int) (float64, bool) { return math.Cos(float64(row) / 100), false },
}

var benchMix = []string{"f32", "f32", "f32", "f32", "f64", "f64", "f64", "rounded", "counter", "cosine"}

// benchTail makes chunks of perChunk rows; kind "mix" is what ENGINE measures.
func benchTail(tb testing.TB, kind string, rows, keys, perChunk int) *Tail {
	rng := rand.New(rand.NewPCG(1, 2))
	var chunks []TailChunk
	names := make([][]byte, keys)
	for k := range names {
		names[k] = fmt.Appendf(nil, "train/layer_%d/metric", k)
	}
	var b Builder
	for row := 0; row < rows; row += perChunk {
		b.Reset()
		for i := row; i < row+perChunk; i++ {
			b.Row()
			b.Number([]byte("_step"), float64(i), true)
			for k := range keys {
				of := kind
				if kind == "mix" {
					of = benchMix[k%len(benchMix)]
				}
				v, integer := benchKinds[of](rng, i)
				b.Number(names[k], v, integer)
			}
		}
		chunks = append(chunks, TailChunk{Row0: int64(row), Rows: perChunk, Data: b.Append(nil)})
	}
	return tailOf(tb, chunks)
}

func BenchmarkChunkEncode(b *testing.B) {
	tail := benchTail(b, "mix", 100, 100, 100)
	chunk := tail.parts[0].chunk
	var build Builder
	if err := build.AddChunk(chunk, 0, 100); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		out = build.Append(out[:0])
	}
	points := float64(build.Values())
	b.ReportMetric(points*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
	b.ReportMetric(float64(len(out))/points, "B/point")
}

func BenchmarkChunkColumn(b *testing.B) {
	tail := benchTail(b, "mix", 50_000, 100, 100)
	var p Points
	b.ReportAllocs()
	for b.Loop() {
		p.Reset("train/layer_50/metric")
		if err := tail.Series(context.Background(), p.Key, All(), &p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSegmentWrite(b *testing.B) {
	for _, c := range []struct {
		kind       string
		rows, keys int
	}{{"f32", 100_000, 10}, {"f64", 100_000, 10}, {"rounded", 100_000, 10}, {"cosine", 100_000, 10}, {"mix", 4000, 100}, {"mix", 100, 10_000}} {
		b.Run(fmt.Sprintf("%s-%dx%d", c.kind, c.rows, c.keys), func(b *testing.B) {
			tail := benchTail(b, c.kind, c.rows, c.keys, min(c.rows, 100))
			var info SegmentInfo
			b.ReportAllocs()
			began := cpuTime()
			for b.Loop() {
				var buf bytes.Buffer
				var err error
				if info, err = WriteSegment(context.Background(), &buf, []Source{tail}, WriteOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(info.Points)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
			b.ReportMetric(float64(info.Points)*float64(b.N)/(cpuTime()-began).Seconds()/1e6, "Mpoints/core-s")
			b.ReportMetric(float64(info.Bytes)/float64(info.Points), "B/point")
			b.ReportMetric(float64(info.DirLen), "dir-B")
		})
	}
}

func BenchmarkSegmentRead(b *testing.B) {
	const rows = 1_000_000
	for _, kind := range []string{"f32", "rounded"} {
		info, object := seal(b, WriteOptions{}, benchTail(b, kind, rows, 1, 10_000))
		fresh := func() *Segment { return open(b, info, object, 0) }
		key := "train/layer_0/metric"
		b.Run(kind+"-raw-1M", func(b *testing.B) {
			for b.Loop() {
				var p Points
				if err := fresh().Series(context.Background(), key, All(), &p); err != nil || p.Len() != rows {
					b.Fatal(err, p.Len())
				}
			}
		})
		b.Run(kind+"-1500-buckets", func(b *testing.B) {
			g := NewGrid(0, rows-1, 1500)
			for b.Loop() {
				if err := fresh().Buckets(context.Background(), key, NewBuckets(g)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind+"-1500-buckets-raw", func(b *testing.B) {
			g := NewGrid(0, rows-1, 1500)
			g.Level = 0
			for b.Loop() {
				if err := fresh().Buckets(context.Background(), key, NewBuckets(g)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// cpuTime is what this process has used of the cores: it tells what code costs
// also on a machine that others use.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
