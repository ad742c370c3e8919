package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
)

// statuses is the one table from the kind of an error to a status. The SDK
// gives a run up for good on 400, 401, 403, 404, 409, 410, 413, 422 and 501,
// so a transient fault is 429, 500 or 503 (PROTOCOL section 1.5).
var statuses = map[ballast.Kind]int{
	ballast.Internal:    http.StatusInternalServerError,
	ballast.Invalid:     http.StatusBadRequest,
	ballast.Unsigned:    http.StatusUnauthorized,
	ballast.Denied:      http.StatusForbidden,
	ballast.NotFound:    http.StatusNotFound,
	ballast.Conflict:    http.StatusConflict,
	ballast.Gone:        http.StatusGone,
	ballast.TooLarge:    http.StatusRequestEntityTooLarge,
	ballast.Busy:        http.StatusTooManyRequests,
	ballast.Unavailable: http.StatusServiceUnavailable,
	ballast.Damaged:     http.StatusInternalServerError,
	ballast.Unsupported: http.StatusUnsupportedMediaType,
}

// retryAfter is implemented by errors that know when to come back.
type retryAfter interface{ RetryAfter() time.Duration }

// classify gives an error of any origin its kind.
func classify(err error) error {
	var known *ballast.Error
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return ballast.Errorf(ballast.TooLarge, "the body has more than the %d bytes that are allowed here", long.Limit)
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ballast.Wrap(ballast.Unavailable, err, "the request took too long; send it again")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ballast.Wrap(ballast.Unavailable, err, "the body broke off; send it again")
	}
	return err
}

// textOf is what the client may see of an error. The outermost known error's
// text is shown; what has none is ours and stays in the log.
func textOf(err error) string {
	var e *ballast.Error
	if !errors.As(err, &e) || e.Kind == ballast.Internal {
		return "internal error"
	}
	return e.Text
}

// fail answers with an error: {"error":"text","kind":"not found","request":"id"}.
func fail(w http.ResponseWriter, id string, err error) {
	kind := ballast.KindOf(err)
	h := w.Header()
	switch kind {
	case ballast.Unsigned:
		h.Set("WWW-Authenticate", `Bearer realm="ballast"`)
	case ballast.Busy, ballast.Unavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", strconv.Itoa(waitOf(err)))
		}
	}
	h.Del("Content-Disposition")
	h.Del("Content-Encoding")
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	writeJSON(w, statuses[kind], map[string]string{"error": textOf(err), "kind": kind.String(), "request": id})
}

// waitOf returns whole seconds, at least 1.
func waitOf(err error) int {
	var r retryAfter
	if errors.As(err, &r) && r.RetryAfter() > 0 {
		return int(math.Ceil(r.RetryAfter().Seconds()))
	}
	return 2
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"internal error"}`)
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// answer writes v as the JSON body of a reply that nobody may keep.
func answer(w http.ResponseWriter, v any) error {
	w.Header()["Cache-Control"] = noStore
	writeJSON(w, http.StatusOK, v)
	return nil
}

// readJSON reads the body of a small request.
func readJSON(r *http.Request, v any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return ballast.Wrap(ballast.Invalid, err, "the body is not the JSON object that is expected here: %s", ballast.JSONFault(err))
	}
	return nil
}

// Header values that never change, so that setting one allocates nothing.
var (
	jsonType = []string{"application/json"}
	noStore  = []string{"no-store"}
)
