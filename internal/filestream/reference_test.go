package filestream

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast/internal/history"
)

// cell is a value as the slow decoder and a chunk both can tell it.
type cell struct {
	Form history.Form
	Bits uint64
	JSON string // in one normal form
}

// slowLine is the reference: encoding/json and maps.
func slowLine(text string) (map[string]cell, error) {
	v, err := slowJSON(text)
	if err != nil {
		return nil, err
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("no object")
	}
	row := map[string]cell{}
	for name, v := range obj {
		if depth(v) >= MaxDepth {
			row[history.JoinKey(name)] = cell{Form: history.JSON, JSON: "text of " + normal(v)}
			delete(obj, name)
		}
	}
	flatten(row, nil, obj)
	return row, nil
}

const mark = "\ue000word:"

var bare = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?Infinity|NaN`)

// slowJSON parses JSON that may have bare NaN and ±Infinity.
func slowJSON(text string) (any, error) {
	text = bare.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '"' {
			return s
		}
		return `"` + mark + s + `"`
	})
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err == nil {
		return nil, errors.New("more follows")
	} else if d.Buffered(); strings.Trim(text[d.InputOffset():], " \t\r\n") != "" {
		return nil, errors.New("more follows")
	}
	return v, nil
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			deepest = max(deepest, depth(x))
		}
	case []any:
		for _, x := range v {
			deepest = max(deepest, depth(x))
		}
	default:
		return 0
	}
	return deepest + 1
}

func flatten(row map[string]cell, path []string, obj map[string]any) {
	for name, v := range obj {
		p := append(append([]string{}, path...), name)
		if o, ok := v.(map[string]any); ok && len(o) > 0 {
			if _, typed := o["_type"]; !typed {
				flatten(row, p, o)
				continue
			}
		}
		row[history.JoinKey(p...)] = slowCell(v)
	}
}

func slowCell(v any) cell {
	switch v := v.(type) {
	case json.Number:
		x, _ := strconv.ParseFloat(v.String(), 64)
		if !strings.ContainsAny(v.String(), ".eE") {
			if i, err := strconv.ParseInt(v.String(), 10, 64); err != nil || i > 1<<53 || i < -1<<53 {
				return cell{Form: history.JSON, JSON: v.String()}
			}
			return cell{Form: history.Int, Bits: math.Float64bits(x)}
		}
		return cell{Form: history.Float, Bits: math.Float64bits(x)}
	case string:
		switch strings.TrimPrefix(v, mark) {
		case "NaN":
			return cell{Form: history.Float, Bits: 0x7ff8000000000000}
		case "Infinity":
			return cell{Form: history.Float, Bits: math.Float64bits(math.Inf(1))}
		case "-Infinity":
			return cell{Form: history.Float, Bits: math.Float64bits(math.Inf(-1))}
		}
	}
	return cell{Form: history.JSON, JSON: normal(v)}
}

// normal prints a value with sorted names.
func normal(v any) string {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		sort.Strings(names)
		var b strings.Builder
		for _, n := range names {
			fmt.Fprintf(&b, "%q:%s,", n, normal(v[n]))
		}
		return "{" + b.String() + "}"
	case []any:
		var b strings.Builder
		for _, x := range v {
			b.WriteString(normal(x) + ",")
		}
		return "[" + b.String() + "]"
	case json.Number:
		return v.String()
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}

// fastLines decodes lines with the real decoder.
func fastLines(lines ...string) ([]map[string]cell, error) {
	content, err := json.Marshal(lines)
	if err != nil {
		return nil, err
	}
	req, err := Decode([]byte(`{"files":{"wandb-history.jsonl":{"offset":0,"content":`+string(content)+`}}}`), &Decoder{})
	if err != nil {
		return nil, err
	}
	return cells(req.History)
}

func cells(r *Rows) ([]map[string]cell, error) {
	c, err := history.OpenChunk(r.Chunk)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]cell, c.Rows())
	for i := range rows {
		rows[i] = map[string]cell{}
	}
	for _, key := range c.Keys() {
		var p history.Points
		if err := c.Column(key, 0, &p); err != nil {
			return nil, err
		}
		for i, row := range p.Row {
			x := cell{Form: p.FormAt(i), Bits: math.Float64bits(p.Value[i])}
			if x.Form == history.JSON {
				v, err := slowJSON(string(p.JSON[i]))
				if err != nil {
					return nil, fmt.Errorf("stored JSON %q: %w", p.JSON[i], err)
				}
				x = cell{Form: history.JSON, JSON: normal(v)}
				// A text of something deep is that thing.
				if text, ok := v.(string); ok && strings.ContainsAny(text, "[{") {
					if in, err := slowJSON(text); err == nil && depth(in) >= MaxDepth {
						x.JSON = "text of " + normal(in)
					}
				}
			}
			rows[row][key] = x
		}
	}
	return rows, nil
}
