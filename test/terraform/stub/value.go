package stub

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// unknown stands for a value that only the apply will tell. Values are else as
// encoding/json has them: nil, string, float64, bool, []any, map[string]any.
type unknown struct{}

func isUnknown(v any) bool {
	_, ok := v.(unknown)
	return ok
}

// decode reads a value off the wire.
func decode(d *tfprotov6.DynamicValue, t tftypes.Type) (any, error) {
	if d == nil {
		return nil, nil
	}
	v, err := d.Unmarshal(t)
	if err != nil {
		return nil, err
	}
	return plain(v)
}

// encode is decode's inverse.
func encode(v any, t tftypes.Type) (*tfprotov6.DynamicValue, error) {
	w, err := typed(v, t)
	if err != nil {
		return nil, err
	}
	d, err := tfprotov6.NewDynamicValue(t, w)
	return &d, err
}

func plain(v tftypes.Value) (any, error) {
	if !v.IsKnown() {
		return unknown{}, nil
	}
	if v.IsNull() {
		return nil, nil
	}
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		var s string
		return s, v.As(&s)
	case t.Is(tftypes.Number):
		var f big.Float
		if err := v.As(&f); err != nil {
			return nil, err
		}
		n, _ := f.Float64()
		return n, nil
	case t.Is(tftypes.Bool):
		var b bool
		return b, v.As(&b)
	case t.Is(tftypes.Object{}), t.Is(tftypes.Map{}):
		return plainMap(v)
	default:
		return plainList(v)
	}
}

func plainMap(v tftypes.Value) (any, error) {
	var m map[string]tftypes.Value
	if err := v.As(&m); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for k, e := range m {
		p, err := plain(e)
		if err != nil {
			return nil, err
		}
		out[k] = p
	}
	return out, nil
}

func plainList(v tftypes.Value) (any, error) {
	var l []tftypes.Value
	if err := v.As(&l); err != nil {
		return nil, err
	}
	out := []any{}
	for _, e := range l {
		p, err := plain(e)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// typed gives a plain value its type; what is missing in an object is null.
func typed(v any, t tftypes.Type) (tftypes.Value, error) {
	if v == nil {
		return tftypes.NewValue(t, nil), nil
	}
	if isUnknown(v) {
		return tftypes.NewValue(t, tftypes.UnknownValue), nil
	}
	switch t := t.(type) {
	case tftypes.Object:
		m, ok := v.(map[string]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%T is not an object", v)
		}
		out := map[string]tftypes.Value{}
		for k, et := range t.AttributeTypes {
			e, err := typed(m[k], et)
			if err != nil {
				return e, fmt.Errorf("%s: %w", k, err)
			}
			out[k] = e
		}
		return tftypes.NewValue(t, out), nil
	case tftypes.Map:
		m, ok := v.(map[string]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%T is not a map", v)
		}
		out := map[string]tftypes.Value{}
		for k, e := range m {
			w, err := typed(e, t.ElementType)
			if err != nil {
				return w, fmt.Errorf("%s: %w", k, err)
			}
			out[k] = w
		}
		return tftypes.NewValue(t, out), nil
	case tftypes.List:
		return typedList(v, t, t.ElementType)
	case tftypes.Set:
		return typedList(v, t, t.ElementType)
	}
	if f, ok := v.(float64); ok {
		return tftypes.NewValue(t, big.NewFloat(f)), nil
	}
	if err := tftypes.ValidateValue(t, v); err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(t, v), nil
}

func typedList(v any, t, element tftypes.Type) (tftypes.Value, error) {
	l, ok := v.([]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("%T is not a list", v)
	}
	out := []tftypes.Value{}
	for i, e := range l {
		w, err := typed(e, element)
		if err != nil {
			return w, fmt.Errorf("[%d]: %w", i, err)
		}
		out = append(out, w)
	}
	return tftypes.NewValue(t, out), nil
}
