package query

// AppendBinary appends the packed form (docs/format/panel-v1.md), which starts
// 8-aligned relative to b's end.
func (p *Panel) AppendBinary(b []byte) ([]byte, error) { panic("TODO") }

// DecodePanel reads the packed form.
func DecodePanel(data []byte) (*Panel, error) { panic("TODO") }
