package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ballast-ml/ballast/internal/meta"
)

// manifest is the JSON of docs/format/manifest-v1.md.
type manifest struct {
	Format   string            `json:"format"`
	Run      int64             `json:"run"`
	Path     string            `json:"path"`
	Segments []manifestSegment `json:"segments"`
	Hidden   []manifestHidden  `json:"hidden"`
}

type manifestSegment struct {
	Stream  string `json:"stream"`
	Store   int    `json:"store"`
	Object  string `json:"object"`
	Bytes   int64  `json:"bytes"`
	Row0    int64  `json:"row0"`
	RowEnd  int64  `json:"row_end"`
	Points  int64  `json:"points"`
	StepMin int64  `json:"step_min"`
	StepMax int64  `json:"step_max"`
}

type manifestHidden struct {
	Keys     []string `json:"keys"`
	RowEnd   int64    `json:"row_end"`
	StepFrom int64    `json:"step_from"`
	StepEnd  int64    `json:"step_end"`
}

// manifestTries is how often a manifest is put anew at once when others change
// the run meanwhile; then the sweep comes to it.
const manifestTries = 4

// writeManifest brings a run's manifest up to its rows, if it is older. It may
// be broken off anywhere: it is due until it was put.
func (in *Ingest) writeManifest(ctx context.Context, run int64) error {
	for range manifestTries {
		var m meta.RunManifest
		err := in.db.Read(ctx, func(tx *meta.Tx) (err error) {
			m, err = tx.RunManifest(run)
			return err
		})
		if err != nil || m.Mark == 0 {
			return err
		}
		if err := in.putManifest(ctx, run, m); err != nil {
			return fmt.Errorf("writing the manifest of run %d: %w", run, err)
		}
		var written bool
		err = in.db.Write(ctx, "noting that a manifest was written", func(tx *meta.Tx) (err error) {
			written, err = tx.RunManifestWritten(run, m.Mark)
			return err
		})
		if err != nil || written {
			return err
		}
	}
	return nil
}

// putManifest puts a manifest into the store that is written to and into those
// that hold segments of the run. Where there is nothing to list it goes.
func (in *Ingest) putManifest(ctx context.Context, run int64, m meta.RunManifest) error {
	body, err := json.Marshal(manifestOf(run, m))
	if err != nil {
		return err
	}
	holds := map[int]bool{in.opt.Store: len(m.Segments) > 0}
	for _, g := range m.Segments {
		holds[g.Store] = true
	}
	name := meta.RunManifestName(run)
	var failed []error
	for store, bucket := range in.opt.Stores {
		if holds[store] {
			_, err = bucket.Put(ctx, name, bytes.NewReader(body), int64(len(body)))
		} else {
			err = bucket.Delete(ctx, name)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func manifestOf(run int64, m meta.RunManifest) manifest {
	doc := manifest{Format: "manifest/1", Run: run, Path: m.Path, Segments: []manifestSegment{}, Hidden: []manifestHidden{}}
	for _, g := range m.Segments {
		doc.Segments = append(doc.Segments, manifestSegment{Stream: g.Stream.String(), Store: g.Store, Object: g.Object, Bytes: g.Bytes,
			Row0: g.Row0, RowEnd: g.Row0 + g.Visible, Points: g.Points, StepMin: g.StepMin, StepMax: g.StepMax})
	}
	for _, e := range m.Erased {
		doc.Hidden = append(doc.Hidden, manifestHidden{Keys: e.Keys, RowEnd: e.RowTo, StepFrom: e.StepFrom, StepEnd: e.StepTo})
	}
	return doc
}

// sweepManifests writes manifests that are older than their rows: what a crash,
// a fork or a rewind left.
func (in *Ingest) sweepManifests(ctx context.Context) error {
	var runs []int64
	err := in.db.Read(ctx, func(tx *meta.Tx) (err error) {
		runs, err = tx.RunManifestsDue(sweepRuns)
		return err
	})
	for _, run := range runs {
		if err == nil {
			err = in.writeManifest(ctx, run)
		}
		in.pause(ctx)
	}
	return err
}
