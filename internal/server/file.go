package server

import (
	"io"
	"net/http"

	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/file"
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

// zipFiles sends a run's files, or those below one folder (under=folder/), as
// one archive.
func zipFiles(s *Server, w http.ResponseWriter, r *http.Request) error {
	run, err := s.runOf(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", file.Attachment(run.Name+".zip"))
	h["Cache-Control"] = noStore
	return s.whole(r, w, func(w io.Writer) error { return s.Files.Zip(r.Context(), run.ID, r.URL.Query().Get("under"), w) })
}

// redirect sends the caller on to a signed link.
func redirect(w http.ResponseWriter, url string) {
	h := w.Header()
	h.Set("Location", url)
	h.Set("Cache-Control", "no-store")
	h.Set("Access-Control-Allow-Origin", "*") // wandb verify looks for it; no cookie goes with it
	w.WriteHeader(http.StatusTemporaryRedirect)
}
