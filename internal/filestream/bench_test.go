package filestream

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// benchBody is a request as the SDK sends it: 40 % float32-origin noise, 30 %
// float64 noise, 10 % rounded, 10 % counters, 10 % cosine; keys in random order.
func benchBody(rows, keys int, extra string) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	lines := make([]string, rows)
	order := rng.Perm(keys)
	for r := range rows {
		rng.Shuffle(keys, func(i, j int) { order[i], order[j] = order[j], order[i] })
		line := []byte(fmt.Sprintf(`{"_step":%d`, r))
		for _, k := range order {
			line = fmt.Appendf(line, `,"train/layer_%d/metric":`, k)
			switch k % 10 {
			case 0, 1, 2, 3:
				line = strconv.AppendFloat(line, float64(float32(rng.Float64())), 'g', -1, 64)
			case 4, 5, 6:
				line = strconv.AppendFloat(line, rng.NormFloat64(), 'g', -1, 64)
			case 7:
				line = strconv.AppendFloat(line, math.Round(rng.Float64()*1e4)/1e4, 'g', -1, 64)
			case 8:
				line = strconv.AppendInt(line, int64(r*32), 10)
			default:
				line = strconv.AppendFloat(line, math.Cos(float64(r)/100), 'g', -1, 64)
			}
		}
		lines[r] = string(line) + extra + "}"
	}
	content, err := json.Marshal(lines)
	if err != nil {
		panic(err)
	}
	return []byte(`{"files":{"wandb-history.jsonl":{"offset":0,"content":` + string(content) + `}}}`)
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		rows, keys int
		extra      string
	}{{100, 100, ""}, {1, 10, ""}, {10, 10_000, ""}, {100, 100, `,"d":{"a":1,"b":{"c":2}},"s":"text"`}} {
		name := fmt.Sprintf("%dx%d", c.rows, c.keys)
		if c.extra != "" {
			name += "nested"
		}
		b.Run(name, func(b *testing.B) {
			body := benchBody(c.rows, c.keys, c.extra)
			var d Decoder
			points, size := 0, 0
			b.ReportAllocs()
			began := cpuTime()
			for b.Loop() {
				r, err := Decode(body, &d)
				if err != nil {
					b.Fatal(err)
				}
				points += r.Points
				size = len(r.History.Chunk)
			}
			b.ReportMetric(float64(points)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
			b.ReportMetric(float64(points)/(cpuTime()-began).Seconds()/1e6, "Mpoints/core-s")
			b.ReportMetric(float64(size)/float64(c.rows*(c.keys+1)), "B/point")
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
