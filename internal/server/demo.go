package server

import (
	"net/http"

	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/demo"
)

// makeDemo makes the sample project for a person or a team that the caller may
// write to: {"entity":"ada"}.
func makeDemo(s *Server, w http.ResponseWriter, r *http.Request) error {
	var in struct{ Entity string }
	if err := readJSON(r, &in); err != nil {
		return err
	}
	owner, err := s.findEntity(r.Context(), in.Entity, auth.Write)
	if err != nil {
		return err
	}
	p, added, err := demo.Make(r.Context(), s.DB, s.Ingest, demo.Owner{EntityID: owner.ID, UserID: auth.From(r.Context()).Author().ID})
	if err != nil {
		return err
	}
	return answer(w, map[string]any{"entity": p.Entity, "project": p.Name, "added": added})
}
