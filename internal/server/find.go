package server

import (
	"context"
	"strings"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// findProject returns a project that the caller may act on. What is hidden
// from the caller is NotFound with the same text as what does not exist.
func (s *Server) findProject(ctx context.Context, entity, project string, action auth.Action) (p ballast.Project, err error) {
	missing := ballast.Errorf(ballast.NotFound, "project %.128s/%.128s does not exist, or you may not see it", entity, project)
	var owner ballast.Entity
	err = s.DB.Read(ctx, func(tx *meta.Tx) error {
		if owner, err = tx.EntityByName(entity); err != nil {
			return err
		}
		p, err = tx.ProjectByName(owner.ID, project)
		return err
	})
	if ballast.Is(err, ballast.NotFound) {
		return p, missing
	}
	if err != nil {
		return p, err
	}
	if err := s.may(ctx, action, owner); err != nil {
		if ballast.Is(err, ballast.NotFound) {
			return p, missing
		}
		return p, err
	}
	return p, nil
}

// findRun returns a run that the caller may act on. A deleted one is Gone.
func (s *Server) findRun(ctx context.Context, entity, project, name string, action auth.Action) (run ballast.Run, err error) {
	p, err := s.findProject(ctx, entity, project, action)
	if err != nil {
		return run, err
	}
	err = s.DB.Read(ctx, func(tx *meta.Tx) error {
		run, err = tx.RunByName(p.ID, name)
		return err
	})
	switch {
	case ballast.Is(err, ballast.NotFound):
		return run, ballast.Errorf(ballast.NotFound, "run %.128q does not exist in project %s/%s", name, p.Entity, p.Name)
	case err != nil:
		return run, err
	case !run.Deleted.IsZero():
		return run, ballast.Errorf(ballast.Gone, "run %.128q of project %s/%s was deleted; start one with another id", name, p.Entity, p.Name)
	}
	return run, nil
}

// splitProject reads "entity/project".
func splitProject(path string) (entity, project string, err error) {
	entity, project, ok := strings.Cut(path, "/")
	if !ok || entity == "" || project == "" || strings.Contains(project, "/") {
		return "", "", ballast.Errorf(ballast.Invalid, "project %.260q: it must be entity/project", path)
	}
	return entity, project, nil
}
