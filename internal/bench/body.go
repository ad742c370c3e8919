package bench

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// firstStep makes every _step ten digits long, so that a body can be used
// again with other steps by changing digits in place.
const firstStep = 1_000_000_000

// bodyShape says what a request holds.
type bodyShape struct{ rows, keys int }

// body is a file stream request whose offset and steps can be changed in
// place.
type body struct {
	text   []byte
	offset int   // where the offset's 10 columns begin, padded with blanks
	steps  []int // where the digits of each _step begin, the summary's last
	rows   int
	pause  time.Duration // a connection sends one each so often; 0: at once
}

// newBody makes a request as the SDK sends it: random order of keys in each
// line, the whole summary. Values are 40 % float32 noise, 30 % float64 noise,
// 10 % rounded to 4 digits, 10 % counters, 10 % cosine (ENGINE.md).
func newBody(r *rand.Rand, s bodyShape) *body {
	b := &body{rows: s.rows}
	var out bytes.Buffer
	out.WriteString(`{"files":{"wandb-history.jsonl":{"offset":`)
	b.offset = out.Len()
	out.WriteString(`         0,"content":[`)
	order := make([]int, s.keys+3)
	for i := range order {
		order[i] = i
	}
	line := func(row int) {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		out.WriteString(`"{`)
		for i, k := range order {
			if i > 0 {
				out.WriteByte(',')
			}
			switch k {
			case s.keys:
				out.WriteString(`\"_step\":`)
				b.steps = append(b.steps, out.Len())
				out.WriteString(strconv.Itoa(firstStep + row))
			case s.keys + 1:
				out.WriteString(`\"_runtime\":` + number(1+float64(row)*0.731))
			case s.keys + 2:
				out.WriteString(`\"_timestamp\":` + number(1.7954495364080992e9+float64(row)*0.731))
			default:
				fmt.Fprintf(&out, `\"train/metric_%d\":%s`, k, value(r, k, row))
			}
		}
		out.WriteString(`}"`)
	}
	for row := range s.rows {
		if row > 0 {
			out.WriteByte(',')
		}
		line(row)
	}
	out.WriteString(`]},"wandb-summary.json":{"offset":0,"content":[`)
	line(s.rows - 1)
	out.WriteString(`]}}}`)
	b.text = out.Bytes()
	return b
}

// value is a value of metric k, of the mix by its last digit.
func value(r *rand.Rand, k, row int) string {
	switch d := k % 10; {
	case d < 4:
		return number(float64(r.Float32()))
	case d < 7:
		return number(r.NormFloat64())
	case d == 7:
		return number(math.Round(r.Float64()*1e4) / 1e4)
	case d == 8:
		return strconv.Itoa(k*1000 + row)
	default:
		return number(math.Cos(float64(row)/50 + float64(k)))
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// clone is a body of its own for one connection.
func (b *body) clone() *body {
	c := *b
	c.text = bytes.Clone(b.text)
	return &c
}

// at makes the body begin at a line: its offset, and its steps.
func (b *body) at(line int64) {
	field := b.text[b.offset : b.offset+10]
	for i := range field {
		field[i] = ' '
	}
	digits := strconv.AppendInt(nil, line, 10)
	copy(field[10-len(digits):], digits)
	for i, pos := range b.steps {
		row := min(i, b.rows-1) // the summary repeats the last row
		writeDigits(b.text[pos:pos+10], firstStep+line+int64(row))
	}
}

func writeDigits(dst []byte, v int64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
}
