package ballast

import (
	"encoding/base64"
	"strings"
	"time"
)

// State is where a run is in its life (PRODUCT 3.12). It is decided by the
// server's clock and by what the client reports.
type State string

// The states of a run.
const (
	Pending    State = "pending"    // created by an API or a sweep, not started
	Running    State = "running"    // heartbeats arrive
	Finished   State = "finished"   // ended with exit code 0
	Failed     State = "failed"     // ended with another exit code
	Crashed    State = "crashed"    // no heartbeat for five minutes
	Killed     State = "killed"     // stopped by a person
	Preempting State = "preempting" // announced that it will be preempted
	Preempted  State = "preempted"  // was preempting, then ended or fell silent
)

// Ended reports whether no more rows are expected in the state.
func (s State) Ended() bool {
	return s != Pending && s != Running && s != Preempting
}

// Run is one execution of a training script, or whatever logs to a run.
type Run struct {
	ID        int64
	ProjectID int64
	Project   string // name
	Entity    string // name
	Name      string // the run id that the SDK chose; unique in the project, for ever
	Display   string // the shown name
	Group     string
	JobType   string
	Notes     string
	Tags      []string // in the order given, without duplicates
	UserID    int64
	User      string // the creator's name
	Host      string
	Program   string
	Commit    string
	Repo      string
	Sweep     string
	Config    []byte // JSON {"key":{"value":v}}, NaN and Infinity as bare tokens; "{}" when empty
	Started   bool   // config carries _wandb.t: a process really started it
	Ordinal   int64  // creation order in the project, from 0; decides the colour
	Created   time.Time
	Updated   time.Time // of these fields, not of the streams
	Rev       int64     // grows with each change of these fields
	Deleted   time.Time // zero: not
	Live      Live
}

// Live is the part of a run that its streams change: the counters that the
// write path keeps in one row of its own.
type Live struct {
	State        State
	ExitCode     int  // valid when State is Finished or Failed
	Stop         bool // a person asked the process to stop
	Heartbeat    time.Time
	HistoryLines int64 // lines of wandb-history.jsonl accepted: the next offset
	EventLines   int64
	OutputLines  int64
	Rows         int64 // rows of history, the inherited ones of a fork included
	EventRows    int64
	Gaps         int64 // rows known to be missing
	Gen          int64 // +1 when rows are set aside (rewind, new session)
	Ver          int64 // +1 with each append
	Changed      time.Time
}

// StorageID is the id the SDK knows a run by: base64 of
// "Run:v1:name:project:entity" (PROTOCOL section 0.7).
func StorageID(entity, project, run string) string {
	return base64.StdEncoding.EncodeToString([]byte("Run:v1:" + run + ":" + project + ":" + entity))
}

// ParseStorageID returns the names in a run's storage id.
func ParseStorageID(id string) (entity, project, run string, err error) {
	text, err := base64.StdEncoding.DecodeString(id)
	if err != nil {
		return "", "", "", Errorf(Invalid, "run id %.80q is not base64", id)
	}
	part := strings.Split(string(text), ":")
	if len(part) != 5 || part[0] != "Run" || part[1] != "v1" {
		return "", "", "", Errorf(Invalid, "run id %.80q is not of the form Run:v1:name:project:entity", id)
	}
	return part[4], part[3], part[2], nil
}
