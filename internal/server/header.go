package server

import (
	"net/http"
	"strings"
)

// headers are the security headers of each sort of reply (docs/design/031).
type headers struct {
	page, tests, api, content, framed map[string][]string
}

// newHeaders takes the origins that may show the app in a frame and those that
// objects come from, beside our own.
func newHeaders(https bool, frames, objects []string) headers {
	common := map[string][]string{
		"X-Content-Type-Options": {"nosniff"},
		"Referrer-Policy":        {"strict-origin-when-cross-origin"},
	}
	if https {
		common["Strict-Transport-Security"] = []string{"max-age=31536000"}
	}
	with := func(more map[string][]string) map[string][]string {
		for k, v := range common {
			if _, ok := more[k]; !ok {
				more[k] = v
			}
		}
		return more
	}
	own := strings.Join(append([]string{"'self'"}, objects...), " ")
	csp := "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src " + own + "; " +
		"img-src " + own + " data: blob:; media-src " + own + " blob:; worker-src 'self'; frame-src 'self' blob:; " +
		"manifest-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; " +
		"frame-ancestors " + strings.Join(append([]string{"'self'"}, frames...), " ")
	page := func(csp string) map[string][]string {
		return with(map[string][]string{
			"Content-Security-Policy":    {csp},
			"Cross-Origin-Opener-Policy": {"same-origin"},
			"Permissions-Policy":         {"camera=(), microphone=(), geolocation=(), payment=()"},
		})
	}
	return headers{
		page: page(csp),
		// A bucket is tried before it is in use: from this page, any may be.
		tests: page(strings.Replace(csp, "connect-src "+own, "connect-src 'self' https: http:", 1)),
		api: with(map[string][]string{
			"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		}),
		// What people upload: whatever it is, it runs nothing, has no origin and
		// is not ours. Links are signed and anonymous, so any page may read them.
		content: with(map[string][]string{
			"Content-Security-Policy":       {"sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"},
			"Referrer-Policy":               {"no-referrer"},
			"Cross-Origin-Resource-Policy":  {"cross-origin"},
			"Access-Control-Allow-Origin":   {"*"},
			"Access-Control-Expose-Headers": {"ETag, Content-Length, Content-Range, Accept-Ranges, X-Request-Id"},
		}),
		// Our own scripts over what people wrote, without an origin and without
		// the network: data comes by message from the page around (docs/design/086).
		framed: with(map[string][]string{
			"Content-Security-Policy": {frameCSP("'self'")},
			"Referrer-Policy":         {"no-referrer"},
		}),
	}
}

// frameCSP is the policy of a page that runs in a frame: scripts of these
// sources, nothing of the network, no origin of its own.
func frameCSP(scripts string) string {
	return "sandbox allow-scripts; default-src 'none'; script-src " + scripts + "; style-src 'unsafe-inline' 'self' data:; " +
		"img-src data: blob:; media-src data: blob:; font-src data:; worker-src blob:; connect-src data: blob:; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}

// scriptedCSP is for what people uploaded as a page: its own scripts run, and
// none of ours or of anybody else.
var scriptedCSP = []string{strings.Replace(frameCSP("'unsafe-inline' 'unsafe-eval' data: blob:"), " 'self' data:;", " data:;", 1)}

func setHeaders(w http.ResponseWriter, set map[string][]string) {
	h := w.Header()
	for k, v := range set {
		h[k] = v
	}
}
