package meta

import (
	"slices"

	"github.com/ballast-ml/ballast"
)

// Use is an edge of the lineage: a run that used a version or, with Output,
// logged it.
type Use struct {
	Run, Artifact int64
	Output        bool
}

// UsesOfArtifacts returns the edges of versions, UsesOfRuns those of runs, in
// the order in which they were made.
func (t *Tx) UsesOfArtifacts(ids []int64) ([]Use, error) { return t.uses("artifact_id", ids) }

// UsesOfRuns returns the edges of runs.
func (t *Tx) UsesOfRuns(ids []int64) ([]Use, error) { return t.uses("run_id", ids) }

func (t *Tx) uses(column string, ids []int64) (all []Use, err error) {
	for part := range slices.Chunk(ids, contentAtOnce) {
		rows, err := t.query("SELECT run_id, artifact_id, output FROM artifact_use WHERE "+column+" IN ("+placeholders(len(part))+") ORDER BY created, run_id, artifact_id", anys(part)...)
		some, err := collect(rows, err, func(s scannable) (u Use, err error) {
			err = s.Scan(&u.Run, &u.Artifact, &u.Output)
			return u, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// ArtifactsByID returns the committed versions among ids, in the order of ids.
func (t *Tx) ArtifactsByID(ids []int64) ([]ballast.Artifact, error) {
	byID := map[int64]ballast.Artifact{}
	for part := range slices.Chunk(ids, contentAtOnce) {
		rows, err := t.query("SELECT "+artifactColumns+artifactFrom+" AND a.state = ? AND a.id IN ("+placeholders(len(part))+")",
			append([]any{ballast.ArtifactCommitted}, anys(part)...)...)
		some, err := collect(rows, err, scanArtifact)
		if err != nil {
			return nil, err
		}
		for _, a := range some {
			byID[a.ID] = a
		}
	}
	var all []ballast.Artifact
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			all = append(all, a)
		}
	}
	return all, nil
}

// OwnAliases returns the aliases that versions have in their own sequence, by
// version.
func (t *Tx) OwnAliases(ids []int64) (map[int64][]string, error) {
	of := map[int64][]string{}
	for part := range slices.Chunk(ids, contentAtOnce) {
		err := t.each("SELECT l.artifact_id, l.alias FROM artifact_alias l JOIN artifact a ON a.id = l.artifact_id AND a.collection_id = l.collection_id WHERE l.artifact_id IN ("+
			placeholders(len(part))+") ORDER BY l.id", anys(part), func(s scannable) error {
			var id int64
			var alias string
			err := s.Scan(&id, &alias)
			of[id] = append(of[id], alias)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return of, nil
}
