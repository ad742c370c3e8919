package server

import (
	"net/http"

	"github.com/ballast-ml/ballast/internal/auth"
)

// runFile sends the caller on to a signed link of a run's file.
func runFile(s *Server, w http.ResponseWriter, r *http.Request) error {
	run, err := s.findRun(r.Context(), r.PathValue("entity"), r.PathValue("project"), r.PathValue("run"), auth.Read)
	if err != nil {
		return err
	}
	f, err := s.Files.Named(r.Context(), run.ID, r.PathValue("path"))
	if err != nil {
		return err
	}
	url, err := s.Files.URL(r.Context(), f)
	if err != nil {
		return err
	}
	redirect(w, url)
	return nil
}

// redirect sends the caller on to a signed link.
func redirect(w http.ResponseWriter, url string) {
	h := w.Header()
	h.Set("Location", url)
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*") // wandb verify looks for it; no cookie goes with it
	w.WriteHeader(http.StatusTemporaryRedirect)
}
