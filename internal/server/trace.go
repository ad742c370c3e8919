package server

import (
	"net/http"
	"strings"
)

// traceID returns the trace id of a W3C traceparent, "" when there is none that
// counts: version, 32 digits, 16 digits, flags, all hexadecimal in small letters.
func traceID(r *http.Request) string {
	parent := r.Header["Traceparent"]
	if len(parent) != 1 {
		return ""
	}
	part := strings.Split(parent[0], "-")
	if len(part) < 4 || part[0] == "ff" || part[0] == "00" && len(part) != 4 {
		return ""
	}
	for i, n := range []int{2, 32, 16, 2} {
		if len(part[i]) != n || strings.Trim(part[i], "0123456789abcdef") != "" {
			return ""
		}
	}
	if strings.Trim(part[1], "0") == "" || strings.Trim(part[2], "0") == "" {
		return ""
	}
	return part[1]
}
