package server

import (
	"context"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/meta"
)

// findEntity returns a person or a team that the caller may act on. What is
// hidden from the caller is NotFound with the same text as what does not exist.
func (s *Server) findEntity(ctx context.Context, name string, action auth.Action) (e ballast.Entity, err error) {
	err = s.DB.Read(ctx, func(tx *meta.Tx) error {
		e, err = tx.EntityByName(name)
		return err
	})
	if err == nil {
		err = s.may(ctx, action, e)
	}
	if ballast.Is(err, ballast.NotFound) {
		return ballast.Entity{}, auth.Hidden(name)
	}
	return e, err
}
