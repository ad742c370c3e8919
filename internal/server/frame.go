package server

import "net/http"

// scriptedPage is the frame in which a page that somebody uploaded runs.
const scriptedPage = "page.html"

// frame sends a page of ours that is made for frames (docs/design/086).
func frame(s *Server, w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("name") == scriptedPage {
		w.Header()["Content-Security-Policy"] = scriptedCSP
	}
	if !s.UI.File(w, r) {
		return nothing(s, w, r)
	}
	return nil
}
