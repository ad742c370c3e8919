package meta

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

// PurgeDue returns runs that were deleted, by themselves or with their
// project, before a time, and still hold something; at most limit.
func (t *Tx) PurgeDue(before time.Time, limit int) ([]int64, error) {
	runs, err := t.ids("SELECT id FROM run WHERE purged = 0 AND deleted > 0 AND deleted < ? ORDER BY id LIMIT ?", micros(before), limit)
	if err != nil || len(runs) > 0 {
		return runs, err
	}
	return t.ids(`SELECT r.id FROM project p JOIN run r ON r.project_id = p.id
		WHERE p.purged = 0 AND p.deleted > 0 AND p.deleted < ? AND r.purged = 0 ORDER BY r.id LIMIT ?`, micros(before), limit)
}

// ofRun are the rows of a run that go with it; what names an object comes
// first, with its column.
var ofRun = []struct{ table, column, object string }{
	{"segment", "run", "object"}, {"console_block", "run", "object"}, {"file", "run", "object"}, {"upload", "run", "object"},
	{"aside", "run", "object"}, {"history_export", "run", "object"},
	{"tail", "run", ""}, {"erasure", "run", ""}, {"console", "run", ""}, {"gap", "run", ""}, {"hist_stream", "run", ""}, {"hist_session", "run", ""},
	{"run_summary", "run", ""}, {"run_system", "run", ""}, {"summary_base", "run", ""}, {"summary_state", "run", ""},
	{"alert", "run", ""}, {"branch", "run", ""}, {"artifact_use", "run_id", ""},
}

// PurgeRun removes for good what a run holds that was deleted before a time.
// Its objects are the collector's once no other run, a fork for instance,
// names them. The run's name stays, so that it is not used again. A run that
// was brought back meanwhile is left alone.
func (t *Tx) PurgeRun(id int64, before, now time.Time) error {
	h, err := t.lockRun(id)
	if err != nil {
		return err
	}
	var gone int64
	err = t.row("SELECT COUNT(*) FROM run r JOIN project p ON p.id = r.project_id WHERE r.id = ? AND (r.deleted > 0 AND r.deleted < ? OR p.deleted > 0 AND p.deleted < ?)",
		id, micros(before), micros(before)).Scan(&gone)
	if err != nil || gone == 0 {
		return err
	}
	for _, o := range ofRun {
		if o.object != "" {
			if err := t.letAllGo("SELECT "+o.object+" FROM "+o.table+" WHERE "+o.column+" = ?", id, now); err != nil {
				return fmt.Errorf("letting the objects of run %d go: %w", id, err)
			}
		}
		if _, err := t.exec("DELETE FROM "+o.table+" WHERE "+o.column+" = ?", id); err != nil {
			return fmt.Errorf("removing rows of run %d from %s: %w", id, o.table, err)
		}
	}
	if err := t.dropPartOf(id); err != nil {
		return fmt.Errorf("removing run %d from the stored run table: %w", id, err)
	}
	h.nrow, h.sealed, h.gaps, h.gapSince = [2]int64{}, [2]int64{}, 0, 0
	h.tailBytes, h.tailChunks, h.tailSince = 0, 0, 0
	h.gen++
	h.ver++
	if err := t.saveSegments(h); err != nil {
		return err
	}
	_, err = t.exec(`UPDATE run SET purged = ?, display = '', notes = '', tags = '[]', host = '', program = '', commit_hash = '', repo = '', config = ?, rev = rev + 1
		WHERE id = ?`, micros(now), pack([]byte("{}")), id)
	return err
}

// PurgedProjects returns projects that were deleted before a time and of which
// every run was purged, but not they themselves; at most limit.
func (t *Tx) PurgedProjects(before time.Time, limit int) ([]int64, error) {
	return t.ids(`SELECT p.id FROM project p WHERE p.purged = 0 AND p.deleted > 0 AND p.deleted < ?
		AND NOT EXISTS (SELECT 1 FROM run r WHERE r.project_id = p.id AND r.purged = 0) ORDER BY p.id LIMIT ?`, micros(before), limit)
}

// PurgeProject removes for good what is left of a project whose runs were
// purged: the names of its runs, artifacts, views. Contents are the entity's,
// which other projects may share: they go with the entity.
func (t *Tx) PurgeProject(id int64, now time.Time) error {
	const collections = "SELECT id FROM artifact_collection WHERE project_id = ?"
	const artifacts = "SELECT id FROM artifact WHERE collection_id IN (" + collections + ")"
	err := t.dropObjects("SELECT object, store FROM artifact_manifest WHERE object <> '' AND artifact_id IN ("+artifacts+")", id, now)
	if err != nil {
		return err
	}
	for _, stmt := range []string{
		"DELETE FROM artifact_manifest WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM artifact_use WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM artifact_member WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM artifact_alias WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM artifact_tag WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM artifact_member WHERE collection_id IN (" + collections + ")",
		"DELETE FROM artifact_alias WHERE collection_id IN (" + collections + ")",
		"DELETE FROM alias_event WHERE artifact_id IN (" + artifacts + ")",
		"DELETE FROM alias_event WHERE collection_id IN (" + collections + ")",
		"DELETE FROM artifact_tag WHERE artifact_id = 0 AND collection_id IN (" + collections + ")",
		"DELETE FROM artifact WHERE collection_id IN (" + collections + ")",
		"DELETE FROM artifact_collection WHERE project_id = ?",
		"DELETE FROM artifact_type WHERE project_id = ?",
		"DELETE FROM view_doc WHERE project_id = ?",
		"DELETE FROM run_part WHERE project_id = ?",
		"DELETE FROM run_part_bundle WHERE project_id = ?",
		"DELETE FROM moved WHERE run_id IN (SELECT id FROM run WHERE project_id = ?)",
		"DELETE FROM moved WHERE from_project = ?",
		"DELETE FROM moved WHERE project_id = ?",
		"DELETE FROM hist WHERE project_id = ?",
		"DELETE FROM run WHERE project_id = ?",
	} {
		if _, err := t.exec(stmt, id); err != nil {
			return fmt.Errorf("purging project %d: %s: %w", id, stmt, err)
		}
	}
	_, err = t.exec("UPDATE project SET purged = ?, description = '' WHERE id = ?", micros(now), id)
	return err
}

// PurgedEntities returns entities that were deleted before a time, hold
// contents of artifacts still, and have no project that was not purged.
func (t *Tx) PurgedEntities(before time.Time) ([]int64, error) {
	return t.ids(`SELECT e.id FROM entity e WHERE e.deleted > 0 AND e.deleted < ? AND EXISTS (SELECT 1 FROM content c WHERE c.entity_id = e.id)
		AND NOT EXISTS (SELECT 1 FROM project p WHERE p.entity_id = e.id AND p.purged = 0) ORDER BY e.id`, micros(before))
}

// PurgeContents gives the contents of an entity's artifacts to the collector.
func (t *Tx) PurgeContents(entityID int64, now time.Time) error {
	if err := t.dropObjects("SELECT object, store FROM content WHERE entity_id = ?", entityID, now); err != nil {
		return err
	}
	_, err := t.exec("DELETE FROM content WHERE entity_id = ?", entityID)
	return err
}

// letAllGo starts the collector's time of grace for objects that a query names.
func (t *Tx) letAllGo(query string, id int64, now time.Time) error {
	var names []string
	err := t.each(query, []any{id}, func(s scannable) error {
		var name string
		err := s.Scan(&name)
		names = append(names, name)
		return err
	})
	for _, name := range names {
		if err == nil {
			err = t.letGo(name, now)
		}
	}
	return err
}

// dropObjects puts objects that a query names on the collector's list.
func (t *Tx) dropObjects(query string, id int64, now time.Time) error {
	var all []Object
	err := t.each(query, []any{id}, func(s scannable) error {
		var o Object
		err := s.Scan(&o.Name, &o.Store)
		all = append(all, o)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range all {
		_, err := t.exec(t.dialect.insertSkip+" INTO object (name, store, bytes, created) VALUES (?,?,0,?)", o.Name, o.Store, micros(now))
		if err != nil {
			return fmt.Errorf("giving object %s to the collector: %w", o.Name, err)
		}
	}
	return nil
}

// artifactNamed reports whether a row names an object of an artifact.
func (t *Tx) artifactNamed(name string) (bool, error) {
	var n int64
	err := t.row("SELECT (SELECT COUNT(*) FROM content WHERE object=?) + (SELECT COUNT(*) FROM artifact_manifest WHERE object=?)", name, name).Scan(&n)
	return n > 0, err
}

// notPurged refuses to bring back what is gone for good.
func (t *Tx) notPurged(runID int64) error {
	var at int64
	err := t.row("SELECT purged FROM run WHERE id = ?", runID).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // what follows says so
	}
	if err == nil && at > 0 {
		return ballast.Errorf(ballast.Gone, "the run cannot be brought back: what it held was removed for good on %s; a backup made before may have it", fromMicros(at).Format("2006-01-02"))
	}
	return err
}
