package server

import (
	"net/http"
	"strings"
	"testing"
)

func TestProfiles(t *testing.T) {
	st := newStage(t)
	tests := []struct {
		role, path string
		want       int
	}{
		{"", "/debug/pprof/heap", 401},
		{"teamadmin", "/debug/pprof/heap", 403},
		{"admin", "/debug/pprof/heap", 403},
		{"admin+", "/debug/pprof/heap", 200},
		{"admin+", "/debug/pprof/", 200},
		{"admin+", "/debug/pprof/profile?seconds=1", 200},
		{"admin+", "/debug/pprof/profile?seconds=3600", 400},
		{"admin+", "/debug/pprof/profile?seconds=0", 400},
		{"admin+", "/debug/pprof/cmdline", 404},
	}
	for _, tt := range tests {
		if r := st.do(tt.role, "GET", tt.path, nil); r.status != tt.want {
			t.Errorf("%s %s: %d %.200s, want %d", tt.role, tt.path, r.status, r.body, tt.want)
		}
	}
}

func TestTraceID(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	tests := map[string]string{
		"00-" + id + "-00f067aa0ba902b7-01":                      id,
		"01-" + id + "-00f067aa0ba902b7-01-more":                 id,
		"00-" + id + "-00f067aa0ba902b7-01-more":                 "",
		"ff-" + id + "-00f067aa0ba902b7-01":                      "",
		"00-" + strings.ToUpper(id) + "-00f067aa0ba902b7-01":     "",
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01": "",
		"00-" + id + "-" + strings.Repeat("0", 16) + "-01":       "",
		"00-" + id[1:] + "\n-00f067aa0ba902b7-01":                "",
		"00": "",
		"":   "",
	}
	for header, want := range tests {
		if got := traceID(&http.Request{Header: http.Header{"Traceparent": {header}}}); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
	st := newStage(t)
	st.do("", "GET", "/api/session", nil, header{"Traceparent": "00-" + id + "-00f067aa0ba902b7-01"})
	if !strings.Contains(st.log.String(), "trace="+id) {
		t.Error("the log has no trace")
	}
}
