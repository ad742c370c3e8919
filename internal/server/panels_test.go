package server

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// part is one panel of an answer with several.
type part struct {
	status int
	body   string
}

// partsOf cuts an answer with several panels, which must be whole.
func partsOf(t *testing.T, body string) []part {
	t.Helper()
	if len(body) < 8 || body[:4] != panelsMagic {
		t.Fatalf("no answer with several panels: %.100q", body)
	}
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32([]byte(body[at : at+4]))) }
	var parts []part
	want := u32(4)
	for body = body[8:]; len(body) > 0; {
		end := 8 + u32(4)
		if end > len(body) {
			t.Fatalf("part %d of %d bytes is cut short at %d", len(parts), end, len(body))
		}
		parts = append(parts, part{u32(0), body[8:end]})
		body = body[end:]
	}
	if len(parts) != want {
		t.Fatalf("%d parts of %d", len(parts), want)
	}
	return parts
}

// Panels that are asked for together are, byte for byte, those that are asked
// for one by one, and one that cannot be does not keep the others away.
func TestPanelsTogether(t *testing.T) {
	st := newStage(t)
	st.logged()
	asks := []string{
		`"runs":["r1","none"],"key":"loss"`,
		`"runs":["r1","none"],"key":"loss","x":"_timestamp","buckets":8`,
		`"runs":["r1","none"],"key":""`,
		`"runs":["r1"],"key":"=loss*2"`,
		`"runs":["r1"],"key":"none","min":1,"max":5`,
		`"runs":["r1"],"key":"loss","buckets":-1`,
		`"runs":["r1"],"key":"cpu","stream":"events"`,
		`"runs":["r1","none"],"key":"loss","min":1`,
	}
	var each []string
	for _, a := range asks {
		each = append(each, "{"+strings.Replace(a, `"runs":["r1","none"],`, "", 1)+"}") // of the runs beside them
	}
	r := st.do("viewer", "POST", "/api/panel", strings.NewReader(`{"project":"red/secret","runs":["r1","none"],"panels":[`+strings.Join(each, ",")+`]}`))
	if r.status != 200 {
		t.Fatalf("together: %d %s", r.status, r.body)
	}
	parts := partsOf(t, r.body)
	if len(parts) != len(asks) {
		t.Fatalf("%d panels of %d", len(parts), len(asks))
	}
	failed := 0
	for i, a := range asks {
		alone := st.do("viewer", "POST", "/api/panel", strings.NewReader(`{"project":"red/secret",`+a+`}`))
		got := parts[i]
		if alone.status != 200 {
			failed++
			if got.status != alone.status || !strings.Contains(got.body, alone.text()) || alone.text() == "" {
				t.Errorf("%s: together %d %s, alone %d %s", a, got.status, got.body, alone.status, alone.body)
			}
			continue
		}
		if got.status != 200 || cmp.Diff(alone.body, got.body) != "" {
			t.Errorf("%s: together %d %q, alone %q", a, got.status, got.body, alone.body)
		}
	}
	if failed != 2 {
		t.Errorf("%d panels failed alone, want the two without a key and with bad buckets", failed)
	}
}

func TestBadPanelsTogether(t *testing.T) {
	st := newStage(t)
	panels := func(n int, one string) string {
		return fmt.Sprintf(`{"project":"red/secret","runs":["r1"],"panels":[%s]}`, strings.TrimSuffix(strings.Repeat(one+",", n), ","))
	}
	for _, c := range []struct {
		role, body string
		status     int
	}{
		{"viewer", panels(mostTogether, `{"key":"loss"}`), 200},
		{"viewer", panels(mostTogether+1, `{"key":"loss"}`), 400},
		{"viewer", panels(0, ""), 400},
		{"viewer", panels(2, `{"key":"loss","groups":[]}`), 400},
		{"viewer", panels(2, `{"key":"loss","stream":"x"}`), 400},
		{"viewer", panels(2, `5`), 400},
		{"stranger", panels(2, `{"key":"loss"}`), 404},
	} {
		if r := st.do(c.role, "POST", "/api/panel", strings.NewReader(c.body)); r.status != c.status || c.status != 200 && r.text() == "" {
			t.Errorf("%s %.120s: %d %.200s, want %d", c.role, c.body, r.status, r.body, c.status)
		}
	}
}
