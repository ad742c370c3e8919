package artifact

import (
	"context"
	"slices"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Edit is what people change on a version; nil stays as it is.
type Edit struct {
	Description *string
	Metadata    *string // JSON object
	TTL         *int64
	AddTags     []string
	RemoveTags  []string
	Aliases     []string // when not nil: all that it has in its own sequence
}

// Edit changes a version and returns it as it is then.
func (s *Artifacts) Edit(ctx context.Context, a ballast.Artifact, e Edit) (ballast.Artifact, error) {
	if err := CheckTags(e.AddTags); err != nil {
		return a, err
	}
	if a.State == ballast.ArtifactDeleted {
		return a, ballast.Errorf(ballast.Conflict, "artifact %s:v%d was deleted", a.Collection.Name, a.Version)
	}
	if e.Description != nil {
		a.Description = *e.Description
	}
	if e.Metadata != nil {
		a.Metadata = *e.Metadata
	}
	if e.TTL != nil {
		a.TTL = *e.TTL
	}
	if err := checkTexts(a.Description, a.Metadata); err != nil {
		return a, err
	}
	var changed ballast.Artifact
	err := s.db.Write(ctx, "update artifact", func(tx *meta.Tx) (err error) {
		if err := tx.UpdateArtifact(a, s.now()); err != nil {
			return err
		}
		for _, t := range e.AddTags {
			if err := tx.AddArtifactTag(a.ID, 0, t); err != nil {
				return err
			}
		}
		for _, t := range e.RemoveTags {
			if err := tx.RemoveArtifactTag(a.ID, 0, t); err != nil {
				return err
			}
		}
		if e.Aliases != nil {
			if err := s.replaceAliases(tx, a, e.Aliases); err != nil {
				return err
			}
		}
		changed, err = tx.Artifact(a.ID)
		return err
	})
	return changed, err
}

func (s *Artifacts) replaceAliases(tx *meta.Tx, a ballast.Artifact, aliases []string) error {
	have, err := tx.AliasesOf(a.ID, a.CollectionID)
	if err != nil {
		return err
	}
	for _, h := range have {
		if !slices.Contains(aliases, h.Alias) {
			if err := tx.DeleteAlias(a.CollectionID, a.ID, h.Alias, s.now()); err != nil {
				return err
			}
		}
	}
	for _, alias := range aliases {
		if err := tx.SetAlias(a.CollectionID, a.ID, alias, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a version; one that has aliases only with aliases. Deleting
// it again is fine.
func (s *Artifacts) Delete(ctx context.Context, a ballast.Artifact, aliases bool) error {
	return s.db.Write(ctx, "delete artifact", func(tx *meta.Tx) error {
		names, err := tx.AliasesOf(a.ID, 0)
		if err != nil {
			return err
		}
		if len(names) > 0 && !aliases {
			return ballast.Errorf(ballast.Conflict, "artifact %s:v%d has the alias %q: delete it with its aliases (delete_aliases=True)", a.Collection.Name, a.Version, names[0].Alias)
		}
		return tx.DeleteArtifact(a, s.now())
	})
}
