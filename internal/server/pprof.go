package server

import (
	"net/http"
	"net/http/pprof"
	runtimepprof "runtime/pprof"
	"strconv"

	"github.com/ballast-ml/ballast"
)

// maxProfile is how long a profile of the processors or a trace may take, in
// seconds.
const maxProfile = 60

// serveProfile serves the program's own profiles. The command line is not among
// them: it may hold secrets.
func serveProfile(_ *Server, w http.ResponseWriter, r *http.Request) error {
	if text := r.URL.Query().Get("seconds"); text != "" {
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > maxProfile {
			return ballast.Errorf(ballast.Invalid, "seconds %.20q: it must be a number from 1 to %d", text, maxProfile)
		}
	}
	w.Header()["Cache-Control"] = noStore
	switch name := r.PathValue("name"); {
	case name == "":
		pprof.Index(w, r)
	case name == "profile":
		pprof.Profile(w, r)
	case name == "trace":
		pprof.Trace(w, r)
	case runtimepprof.Lookup(name) != nil:
		pprof.Handler(name).ServeHTTP(w, r)
	default:
		return ballast.Errorf(ballast.NotFound, "there is no profile %.40q: /debug/pprof/ lists them", name)
	}
	return nil
}
