package server

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ballast-ml/ballast/internal/graph"
)

// graphQL hands the body to room graph, which answers in the shape that the
// SDK expects, errors included.
func graphQL(s *Server, w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	resp := s.Graph.Do(r.Context(), graph.Call{
		Body:   body,
		Shared: strings.EqualFold(r.Header.Get("X-WANDB-USE-ASYNC-FILESTREAM"), "true"),
	})
	if x, ok := w.(*exchange); ok {
		x.operation = resp.Operation
	}
	status := http.StatusOK
	if resp.Failed {
		status = statuses[resp.Kind]
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "2")
		}
	}
	h := w.Header()
	h["Content-Length"] = []string{strconv.Itoa(len(resp.Body))} // no chunks
	h["Content-Type"], h["Cache-Control"] = jsonType, noStore
	w.WriteHeader(status)
	_, err = w.Write(resp.Body)
	return err
}
