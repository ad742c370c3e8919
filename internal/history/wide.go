package history

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// WideKind is the type of a column of a wide file.
type WideKind uint8

// The types of columns.
const (
	WideNumber WideKind = iota // DOUBLE
	WideText                   // STRING
	WideBool                   // BOOLEAN
	WideJSON                   // JSON: the value's JSON text
)

// WideColumn is a key as a column.
type WideColumn struct {
	Key  string // as stored
	Name string // of the column
	Kind WideKind
}

// NotOfKind is the error for a value that a column's kind cannot hold.
type NotOfKind struct{ Column int }

func (e NotOfKind) Error() string {
	return fmt.Sprintf("column %d holds a value of another type", e.Column)
}

// WideGroup is a stretch of rows: their numbers and steps, and the values of
// each column.
type WideGroup struct {
	Rows, Steps []int64 // in order of Rows; a table has no steps
	Values      []Points
}

// WideWriter writes rows as a Parquet file with one column for each key, as
// analysis tools want it (docs/format/export-v1.md). It keeps one column of one
// group in memory.
type WideWriter struct {
	w      io.Writer
	name   string // of what a row belongs to
	steps  bool   // the first column is _step
	cols   []WideColumn
	zip    *zstd.Encoder
	at     int64
	rows   int64
	groups []format.RowGroup
	raw    []byte
	levels []byte
}

// NewWideWriter begins a file. The first column, _step, is added to cols.
func NewWideWriter(w io.Writer, cols []WideColumn) (*WideWriter, error) {
	return newWideWriter(w, "history", true, cols)
}

// NewTableWriter begins a file of rows that have no steps. name is that of the
// root of the schema.
func NewTableWriter(w io.Writer, name string, cols []WideColumn) (*WideWriter, error) {
	return newWideWriter(w, name, false, cols)
}

func newWideWriter(w io.Writer, name string, steps bool, cols []WideColumn) (*WideWriter, error) {
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	f := &WideWriter{w: w, name: name, steps: steps, cols: cols, zip: zip}
	return f, f.put([]byte(parquetMagic))
}

func (f *WideWriter) put(b []byte) error {
	n, err := f.w.Write(b)
	f.at += int64(n)
	return err
}

// Bytes is the size of what was written.
func (f *WideWriter) Bytes() int64 { return f.at }

// Write adds a row group.
func (f *WideWriter) Write(g *WideGroup) error {
	if len(g.Rows) == 0 {
		return nil
	}
	rg := format.RowGroup{NumRows: int64(len(g.Rows)), FileOffset: f.at, Ordinal: int16(len(f.groups))}
	var err error
	if f.steps {
		err = f.stepColumn(&rg, g.Steps)
	}
	for i := range f.cols {
		if err == nil {
			err = f.column(&rg, g, i)
		}
	}
	rg.TotalCompressedSize = f.at - rg.FileOffset
	f.groups = append(f.groups, rg)
	f.rows += rg.NumRows
	return err
}

func (f *WideWriter) stepColumn(rg *format.RowGroup, steps []int64) error {
	f.raw = f.raw[:0]
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range steps {
		f.raw = binary.LittleEndian.AppendUint64(f.raw, uint64(s))
		low, high = min(low, s), max(high, s)
	}
	bound := func(v int64) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(v)) }
	return f.chunk(rg, "_step", format.Int64, format.Statistics{MinValue: bound(low), MaxValue: bound(high)}, false)
}

// column writes the values of one key: definition levels, then what is there.
func (f *WideWriter) column(rg *format.RowGroup, g *WideGroup, c int) error {
	p, kind := &g.Values[c], f.cols[c].Kind
	f.levels = append(f.levels[:0], make([]byte, len(g.Rows))...)
	var values []byte
	bits, at, there := 0, 0, 0
	for i := range p.Row {
		for g.Rows[at] != p.Row[i] {
			at++
		}
		var ok bool
		if values, bits, ok = appendWide(values, bits, p, i, kind); !ok {
			return NotOfKind{c}
		}
		if !absentValue(p, i, kind) {
			f.levels[at] = 1
			there++
		}
	}
	level := rle.Encoding{BitWidth: 1}
	packed, err := level.EncodeLevels(nil, f.levels)
	if err != nil {
		return err
	}
	f.raw = append(append(binary.LittleEndian.AppendUint32(f.raw[:0], uint32(len(packed))), packed...), values...)
	return f.chunk(rg, f.cols[c].Name, wideTypes[kind], format.Statistics{NullCount: int64(len(g.Rows) - there)}, true)
}

var wideTypes = [...]format.Type{WideNumber: format.Double, WideText: format.ByteArray, WideBool: format.Boolean, WideJSON: format.ByteArray}

// absentValue reports whether a value is null in a column with a type of its
// own: there the two are one.
func absentValue(p *Points, i int, kind WideKind) bool {
	return kind != WideJSON && p.FormAt(i) == JSON && string(p.JSON[i]) == "null"
}

// appendWide appends value i as Parquet's PLAIN; bits counts booleans. It
// reports false for a value that the kind cannot hold.
func appendWide(dst []byte, bits int, p *Points, i int, kind WideKind) ([]byte, int, bool) {
	if absentValue(p, i, kind) {
		return dst, bits, true
	}
	isJSON := p.FormAt(i) == JSON
	switch kind {
	case WideNumber:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(p.Value[i])), bits, !isJSON
	case WideBool:
		yes := isJSON && string(p.JSON[i]) == "true"
		if !yes && !(isJSON && string(p.JSON[i]) == "false") {
			return dst, bits, false
		}
		if bits%8 == 0 {
			dst = append(dst, 0)
		}
		if yes {
			dst[len(dst)-1] |= 1 << (bits % 8)
		}
		return dst, bits + 1, true
	case WideText:
		var text string
		if !isJSON || json.Unmarshal(p.JSON[i], &text) != nil {
			return dst, bits, false
		}
		return append(binary.LittleEndian.AppendUint32(dst, uint32(len(text))), text...), bits, true
	}
	text := p.jsonAt(i)
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(text))), text...), bits, true
}

// jsonAt is value i as JSON; NaN and ±Infinity are strings, for readers that
// take nothing else.
func (p *Points) jsonAt(i int) []byte {
	if f := p.FormAt(i); f != JSON {
		return AppendNumber(nil, p.Value[i], f, true)
	}
	return appendQuoted(nil, p.JSON[i])
}

// chunk writes f.raw as a column chunk of one page.
func (f *WideWriter) chunk(rg *format.RowGroup, name string, typ format.Type, st format.Statistics, optional bool) error {
	payload := f.zip.EncodeAll(f.raw, nil)
	head := format.PageHeader{Type: format.DataPage, UncompressedPageSize: int32(len(f.raw)), CompressedPageSize: int32(len(payload))}
	head.DataPageHeader = thrift.New(format.DataPageHeader{NumValues: int32(rg.NumRows), Encoding: format.Plain, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE})
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &head)
	if err != nil {
		return err
	}
	m := format.ColumnMetaData{Type: typ, Encoding: []format.Encoding{format.Plain}, PathInSchema: []string{name}, Codec: format.Zstd, NumValues: rg.NumRows,
		TotalUncompressedSize: int64(len(b) + len(f.raw)), TotalCompressedSize: int64(len(b) + len(payload)), DataPageOffset: f.at, Statistics: st}
	if optional {
		m.Encoding = append(m.Encoding, format.RLE)
	}
	rg.Columns = append(rg.Columns, format.ColumnChunk{FileOffset: f.at, MetaData: m})
	rg.TotalByteSize += m.TotalUncompressedSize
	if err := f.put(b); err != nil {
		return err
	}
	return f.put(payload)
}

// Close writes the footer.
func (f *WideWriter) Close() error {
	meta := format.FileMetaData{Version: 1, NumRows: f.rows, CreatedBy: "ballast export v1", RowGroups: f.groups, Schema: f.schema()}
	meta.KeyValueMetadata = []format.KeyValue{{Key: "ballast.format", Value: "export/1"}}
	for range len(meta.Schema) - 1 {
		meta.ColumnOrders = append(meta.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
	}
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		return err
	}
	return f.put(append(binary.LittleEndian.AppendUint32(b, uint32(len(b))), parquetMagic...))
}

func (f *WideWriter) schema() []format.SchemaElement {
	schema := []format.SchemaElement{{Name: f.name}}
	if f.steps {
		schema = append(schema, format.SchemaElement{Name: "_step", Type: thrift.New(format.Int64), RepetitionType: thrift.New(format.Required)})
	}
	for _, c := range f.cols {
		e := format.SchemaElement{Name: c.Name, Type: thrift.New(wideTypes[c.Kind]), RepetitionType: thrift.New(format.Optional)}
		switch c.Kind {
		case WideText:
			e.LogicalType = format.LogicalType{Value: new(format.StringType)}
			e.ConvertedType = thrift.New(deprecated.UTF8)
		case WideJSON:
			e.LogicalType = format.LogicalType{Value: new(format.JsonType)}
			e.ConvertedType = thrift.New(deprecated.Json)
		}
		schema = append(schema, e)
	}
	schema[0].NumChildren = thrift.New(int32(len(schema) - 1))
	return schema
}
