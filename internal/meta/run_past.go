package meta

import (
	"fmt"
	"time"

	"github.com/ballast-ml/ballast"
)

// EndRunAt ends a run in the past, of which nothing was heard after end: its
// lines came later than what they tell of.
func (t *Tx) EndRunAt(id int64, state ballast.State, exit int, end time.Time) error {
	if !state.Ended() {
		return ballast.Errorf(ballast.Invalid, "run %d cannot end as %s", id, state)
	}
	at := micros(end)
	res, err := t.exec("UPDATE hist SET state = ?, exit_code = ?, ended = ?, heartbeat = ?, changed = ? WHERE run = ?",
		string(state), exit, at, at, micros(now()), id)
	return t.mustChange(res, err, fmt.Sprintf("run %d", id))
}
