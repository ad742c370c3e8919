package history

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// What makes a segment a Parquet file for everybody else: page headers, the
// key column, and the footer. parquet-go's writer cannot choose an encoding
// for each page, so the structures are filled in here.
const parquetMagic = "PAR1"

type parquetColumn struct {
	name     string
	typ      format.Type
	optional bool
	text     bool
	encoding format.Encoding
}

// parquetColumns are the key and then the columns of pageSet.
var parquetColumns = [...]parquetColumn{
	{"key", format.ByteArray, false, true, format.RLEDictionary},
	{"row", format.Int64, false, false, format.DeltaBinaryPacked},
	{"step", format.Int64, false, false, format.DeltaBinaryPacked},
	{"value", format.Double, true, false, format.Plain},
	{"integer", format.Boolean, false, false, format.Plain},
	{"json", format.ByteArray, true, true, format.Plain},
}

// footer collects the file's metadata.
type footer struct {
	groups []*groupMeta
	rows   int64
}

type groupMeta struct {
	rows    int64
	bounds  map[string][2][]byte // lowest and highest value of some columns, as Parquet writes them
	off     int64
	columns []*columnMeta
	length  int64
}

type columnMeta struct {
	parquetColumn
	off, dictionary, data int64 // of the first page, the dictionary page, the first data page
	values, nulls         int64
	raw, zip              int64
	split, indexed        bool // some pages are
}

func (f *footer) group(rows int64, k *block) *groupMeta {
	g := &groupMeta{rows: rows, off: -1, bounds: bounds(k)}
	f.groups = append(f.groups, g)
	f.rows += rows
	return g
}

// bounds are the statistics that let other readers skip row groups.
func bounds(k *block) map[string][2][]byte {
	rows := [2]int64{math.MaxInt64, math.MinInt64}
	steps := rows
	for i := range k.series {
		st := &k.series[i].state
		rows[0], rows[1] = min(rows[0], st.FirstRow), max(rows[1], st.LastRow)
		steps[0], steps[1] = min(steps[0], st.FirstStep), max(steps[1], st.LastStep)
	}
	plain := func(v [2]int64) [2][]byte {
		return [2][]byte{binary.LittleEndian.AppendUint64(nil, uint64(v[0])), binary.LittleEndian.AppendUint64(nil, uint64(v[1]))}
	}
	all := map[string][2][]byte{"row": plain(rows), "step": plain(steps)}
	first, last := k.series[0].key, k.series[len(k.series)-1].key
	if len(first)+len(last) <= 1024 {
		all["key"] = [2][]byte{[]byte(first), []byte(last)}
	}
	return all
}

func (g *groupMeta) column(c parquetColumn, at int64) *columnMeta {
	if g.off < 0 {
		g.off = at
	}
	m := &columnMeta{parquetColumn: c, off: at, data: at}
	g.columns = append(g.columns, m)
	return m
}

func (g *groupMeta) end(at int64) { g.length = at - g.off }

func (c *columnMeta) end(at int64) { c.zip = at - c.off }

// page returns the header of a data page.
func (c *columnMeta) page(rows int, ref *pageRef) ([]byte, error) {
	encoding := c.encoding
	switch {
	case ref.split:
		encoding, c.split = format.ByteStreamSplit, true
	case ref.dict:
		encoding, c.indexed = format.RLEDictionary, true
	}
	head := format.PageHeader{
		Type:                 format.DataPageV2,
		UncompressedPageSize: int32(ref.def + ref.raw),
		CompressedPageSize:   int32(ref.def + ref.zip),
	}
	head.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{
		NumValues: int32(rows), NumNulls: int32(ref.nulls), NumRows: int32(rows), Encoding: encoding,
		DefinitionLevelsByteLength: int32(ref.def), IsCompressed: thrift.New(true),
		Statistics: format.Statistics{NullCount: int64(ref.nulls)},
	})
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &head)
	c.values += int64(rows)
	c.nulls += int64(ref.nulls)
	c.raw += int64(len(b) + ref.def + ref.raw)
	return b, err
}

// keyColumn writes the key of every row of the group: a dictionary of the keys
// and, for each page, indexes into it.
func (s *segmentWriter) keyColumn(g *groupMeta, k *block) error {
	chunk := g.column(parquetColumns[0], s.at)
	s.codec.raw = s.codec.raw[:0]
	for i := range k.series {
		s.codec.raw = binary.LittleEndian.AppendUint32(s.codec.raw, uint32(len(k.series[i].key)))
		s.codec.raw = append(s.codec.raw, k.series[i].key...)
	}
	if err := s.putDictionary(chunk, len(k.series)); err != nil {
		return err
	}
	indexes := make([]int32, 0, s.group.Len())
	for i := range k.series {
		for range k.series[i].n {
			indexes = append(indexes, int32(i))
		}
	}
	width := max(1, bits.Len(uint(len(k.series)-1)))
	for i := range k.pages {
		n := k.pages[i].rows
		if err := s.keyPage(chunk, indexes[:n], width); err != nil {
			return err
		}
		indexes = indexes[n:]
	}
	chunk.end(s.at)
	return nil
}

// putDictionary writes codec.raw as the chunk's dictionary page; codec.ref is
// where its payload is, off within the object.
func (s *segmentWriter) putDictionary(chunk *columnMeta, values int) error {
	chunk.dictionary = s.at
	payload := s.codec.seal(nil, 0, 0, false)
	head := format.PageHeader{Type: format.DictionaryPage, UncompressedPageSize: int32(len(s.codec.raw)), CompressedPageSize: int32(len(payload))}
	head.DictionaryPageHeader = thrift.New(format.DictionaryPageHeader{NumValues: int32(values), Encoding: format.Plain})
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &head)
	if err != nil {
		return err
	}
	chunk.raw += int64(len(b) + len(s.codec.raw))
	s.codec.ref.off = s.at + int64(len(b))
	err = s.put(append(b, payload...))
	chunk.data = s.at
	return err
}

// dictionaryPage writes the dictionary of the group's values.
func (s *segmentWriter) dictionaryPage(chunk *columnMeta, k *block, off int64) error {
	s.codec.plainDictionary()
	if err := s.putDictionary(chunk, len(s.codec.dict.values)); err != nil {
		return err
	}
	k.dict = s.codec.ref
	k.dict.off -= off
	s.dir.version = dictVersion
	return nil
}

func (s *segmentWriter) keyPage(chunk *columnMeta, indexes []int32, width int) error {
	e := rle.Encoding{BitWidth: width}
	packed, err := e.EncodeInt32(nil, indexes)
	if err != nil {
		return err
	}
	s.codec.raw = append(append(s.codec.raw[:0], byte(width)), packed...)
	payload := s.codec.seal(nil, 0, 0, false)
	ref := s.codec.ref
	head, err := chunk.page(len(indexes), &ref)
	if err != nil {
		return err
	}
	return s.put(append(head, payload...))
}

// append encodes the file's metadata.
func (f *footer) append(dst []byte, info SegmentInfo) ([]byte, error) {
	meta := format.FileMetaData{Version: 2, NumRows: f.rows, CreatedBy: "ballast history v1", Schema: f.schema()}
	meta.KeyValueMetadata = []format.KeyValue{
		{Key: "ballast.format", Value: "history/1"},
		{Key: "ballast.directory", Value: strconv.FormatInt(info.DirOff, 10) + "+" + strconv.FormatInt(info.DirLen, 10)},
	}
	for range parquetColumns {
		meta.ColumnOrders = append(meta.ColumnOrders, format.ColumnOrder{Value: new(format.TypeDefinedOrder)})
	}
	for i, g := range f.groups {
		rg := format.RowGroup{NumRows: g.rows, FileOffset: g.off, TotalCompressedSize: g.length, Ordinal: int16(i)}
		for _, c := range g.columns {
			rg.TotalByteSize += c.raw
			m := c.metadata()
			b := g.bounds[c.name]
			// Readers answer count(value) from the number of nulls.
			m.Statistics = format.Statistics{NullCount: c.nulls, MinValue: b[0], MaxValue: b[1]}
			rg.Columns = append(rg.Columns, format.ColumnChunk{FileOffset: c.off, MetaData: m})
		}
		meta.RowGroups = append(meta.RowGroups, rg)
	}
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	return append(dst, b...), err
}

func (c *columnMeta) metadata() format.ColumnMetaData {
	m := format.ColumnMetaData{Type: c.typ, Encoding: []format.Encoding{c.encoding}, PathInSchema: []string{c.name}, Codec: format.Zstd,
		NumValues: c.values, TotalUncompressedSize: c.raw, TotalCompressedSize: c.zip, DataPageOffset: c.data}
	if c.split {
		m.Encoding = append(m.Encoding, format.ByteStreamSplit)
	}
	if c.optional {
		m.Encoding = append(m.Encoding, format.RLE)
	}
	if c.indexed {
		m.DictionaryPageOffset = c.dictionary
		m.Encoding = append(m.Encoding, format.RLEDictionary)
	}
	if c.encoding == format.RLEDictionary {
		m.DictionaryPageOffset = c.dictionary
		m.Encoding = append(m.Encoding, format.Plain)
	}
	return m
}

func (f *footer) schema() []format.SchemaElement {
	schema := []format.SchemaElement{{Name: "history", NumChildren: thrift.New(int32(len(parquetColumns)))}}
	for _, c := range parquetColumns {
		e := format.SchemaElement{Name: c.name, Type: thrift.New(c.typ), RepetitionType: thrift.New(format.Required)}
		if c.optional {
			e.RepetitionType = thrift.New(format.Optional)
		}
		if c.text {
			e.LogicalType = format.LogicalType{Value: new(format.StringType)}
			e.ConvertedType = thrift.New(deprecated.UTF8) // for older readers
		}
		schema = append(schema, e)
	}
	return schema
}
