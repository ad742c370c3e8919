package meta

import (
	"database/sql"
	"errors"
	"fmt"
)

// Summary returns a run's summary as JSON, "{}" when there is none.
func (t *Tx) Summary(runID int64) ([]byte, error) { return t.packed("run_summary", runID) }

// SystemSummary returns the last value of each system metric of a run, as
// JSON.
func (t *Tx) SystemSummary(runID int64) ([]byte, error) { return t.packed("run_system", runID) }

// SetSummary stores a run's whole summary, JSON.
func (t *Tx) SetSummary(runID int64, json []byte) error {
	res, err := t.exec("UPDATE hist SET changed = ? WHERE run = ?", micros(now()), runID)
	if err := t.mustChange(res, err, fmt.Sprintf("run %d", runID)); err != nil {
		return err
	}
	// What was kept of rows would undo this.
	if _, err := t.exec("DELETE FROM summary_state WHERE run=?", runID); err != nil {
		return err
	}
	body := pack(json)
	res, err = t.exec("UPDATE run_summary SET ver = ver + 1, body = ? WHERE run = ?", body, runID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	_, err = t.exec("INSERT INTO run_summary (run, ver, body) VALUES (?,1,?)", runID, body)
	return err
}

// SetBaseSummary stores the summary, JSON, that a run begins with after a fork
// or a rewind: what its process sends is laid over it.
func (t *Tx) SetBaseSummary(runID int64, json []byte) error {
	if err := t.dropBaseSummary(runID); err != nil {
		return err
	}
	if _, err := t.exec("INSERT INTO summary_base (run, body) VALUES (?,?)", runID, pack(json)); err != nil {
		return err
	}
	return t.SetSummary(runID, json)
}

func (t *Tx) dropBaseSummary(runID int64) error {
	_, err := t.exec("DELETE FROM summary_base WHERE run=?", runID)
	return err
}

// Summaries returns the summaries of runs, JSON by run id; runs without one
// are left out.
func (t *Tx) Summaries(runIDs []int64) (map[int64][]byte, error) {
	const chunk = 500
	found := make(map[int64][]byte, len(runIDs))
	for from := 0; from < len(runIDs); from += chunk {
		part := runIDs[from:min(from+chunk, len(runIDs))]
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := t.query("SELECT run, body FROM run_summary WHERE run IN ("+placeholders(len(part))+")", args...)
		if err != nil {
			return nil, err
		}
		if err := scanSummaries(rows, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func scanSummaries(rows *sql.Rows, into map[int64][]byte) error {
	defer rows.Close()
	for rows.Next() {
		var (
			id   int64
			body sql.RawBytes
		)
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		json, err := unpack(body)
		if err != nil {
			return fmt.Errorf("summary of run %d: %w", id, err)
		}
		into[id] = json
	}
	return rows.Err()
}

func (t *Tx) packed(table string, runID int64) ([]byte, error) {
	var body []byte
	err := t.row("SELECT body FROM "+table+" WHERE run = ?", runID).Scan(&body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	json, err := unpack(body)
	if err != nil {
		return nil, fmt.Errorf("%s of run %d: %w", table, runID, err)
	}
	return json, nil
}
