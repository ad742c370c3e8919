// Package demo makes a sample project: plausible runs of three kinds, a vision
// pre-training, a fine-tuning of a language model and a search over a tabular
// model. They are bodies of the file stream as the SDK sends them, decoded and
// appended by the rooms that take those, so that nothing of them is special.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Project is the name of the sample project.
const Project = "sample-project"

const description = "A sample project, made by Ballast: a vision pre-training, a fine-tuning of a language model, and a search over a tabular model. Nobody trained these runs; delete the project when you have seen it."

// Owner says whose the project becomes, and who made it.
type Owner struct {
	EntityID, UserID int64
}

// Make makes the sample project, or completes one that was broken off: the
// same lines are sent again, and those that are there are known. It returns
// the project and how many runs were added.
//
// Errors: Conflict when the owner has a project of the name with other runs.
func Make(ctx context.Context, db *meta.DB, in *ingest.Ingest, o Owner) (p ballast.Project, added int, err error) {
	all := runs()
	err = db.Write(ctx, "make the sample project", func(tx *meta.Tx) (err error) {
		var created bool
		if p, created, err = tx.MakeProject(o.EntityID, Project, o.UserID, time.Now()); err != nil {
			return err
		}
		if created {
			p.Description = description
			return tx.UpdateProject(p.ID, description)
		}
		_, err = tx.RunByName(p.ID, all[0].id)
		if ballast.Is(err, ballast.NotFound) && p.RunCount > 0 {
			return ballast.Errorf(ballast.Conflict, "%s has a project %s with runs of its own: delete or rename it first", p.Entity, Project)
		}
		if ballast.Is(err, ballast.NotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return p, 0, err
	}
	m := &maker{db: db, in: in, project: p, owner: o, now: time.Now().UTC().Truncate(time.Second)}
	for _, r := range all {
		made, err := m.run(ctx, r)
		if err != nil {
			return p, added, fmt.Errorf("making sample run %s: %w", r.id, err)
		}
		if made {
			added++
		}
	}
	return p, added, nil
}

// maker adds runs to one project.
type maker struct {
	db      *meta.DB
	in      *ingest.Ingest
	project ballast.Project
	owner   Owner
	now     time.Time
	decoder filestream.Decoder
}

// portion is how many lines one request holds, as many as the SDK gathers.
const portion = 500

// run adds one run with all its lines; one that was complete, or that a person
// deleted, stays as it is.
func (m *maker) run(ctx context.Context, r *run) (made bool, err error) {
	have, err := m.find(ctx, r)
	if err != nil || !have.Deleted.IsZero() || have.Live.State.Ended() {
		return false, err
	}
	start := have.Created
	for from := 0; from < r.rows; from += portion {
		if err := m.send(ctx, have.ID, r.body(start, from, min(from+portion, r.rows))); err != nil {
			return false, err
		}
	}
	end := start.Add(time.Duration(float64(r.rows) * r.pace * float64(time.Second)))
	err = m.db.Write(ctx, "end a sample run", func(tx *meta.Tx) error {
		return tx.EndRunAt(have.ID, r.state, r.exit, end)
	})
	return err == nil, err
}

// find returns the run, made now when there is none.
func (m *maker) find(ctx context.Context, r *run) (have ballast.Run, err error) {
	config, err := r.configJSON(m.now)
	if err != nil {
		return have, err
	}
	err = m.db.Write(ctx, "make a sample run", func(tx *meta.Tx) error {
		have, err = tx.RunByName(m.project.ID, r.id)
		if !ballast.Is(err, ballast.NotFound) {
			return err
		}
		have, err = tx.CreateRun(ballast.Run{ProjectID: m.project.ID, Name: r.id, Display: r.display, Group: r.group, JobType: r.job, Notes: r.notes,
			Tags: r.tags, UserID: m.owner.UserID, Host: r.host, Program: r.program, Config: config, Started: true, Created: m.now.Add(-r.ago)})
		return err
	})
	return have, err
}

func (m *maker) send(ctx context.Context, id int64, body []byte) error {
	req, err := filestream.Decode(body, &m.decoder)
	if err != nil {
		return err
	}
	_, err = m.in.Append(ctx, ingest.Request{RunID: id, Request: req})
	return err
}

// run is what one sample run logs.
type run struct {
	id, display, group, job, notes, host, program string
	tags                                          []string
	config                                        map[string]any
	ago                                           time.Duration // when it began
	pace                                          float64       // seconds a row
	rows                                          int
	state                                         ballast.State
	exit                                          int
	gpus                                          int
	row                                           func(i int) []value    // of history
	line                                          func(i int) string     // of the console; "": none
	noise                                         func(k, i int) float64 // about -1 to 1, the same each time
}

type value struct {
	key string
	v   float64
}

func (r *run) configJSON(now time.Time) ([]byte, error) {
	type boxed struct {
		Value any `json:"value"`
	}
	all := map[string]boxed{"_wandb": {map[string]any{"t": map[string]any{"1": []int{1}}, "python_version": "3.12.3", "start_time": now.Add(-r.ago).Unix()}}}
	for k, v := range r.config {
		all[k] = boxed{v}
	}
	return json.Marshal(all)
}

// body is a request of the file stream with rows from..to, the system's
// samples and console lines between them, and the summary after them.
func (r *run) body(start time.Time, from, to int) []byte {
	var history, events, output []string
	eventLine := samples(from)
	for i := from; i < to; i++ {
		history = append(history, r.historyLine(start, i))
		if i%sampleEach == 0 {
			events = append(events, r.sample(start, i))
		}
		if text := r.line(i); text != "" {
			output = append(output, r.at(start, i).Format("2006-01-02T15:04:05.000000")+" "+text+"\n")
		}
	}
	lines := 0
	for i := range from {
		if r.line(i) != "" {
			lines++
		}
	}
	type file struct {
		Offset  int      `json:"offset"`
		Content []string `json:"content"`
	}
	files := map[string]file{
		filestream.HistoryFile: {from, history},
		filestream.SummaryFile: {0, []string{r.historyLine(start, to-1)}},
	}
	if len(events) > 0 {
		files[filestream.EventsFile] = file{eventLine, events}
	}
	if len(output) > 0 {
		files[filestream.OutputFile] = file{lines, output}
	}
	body, err := json.Marshal(map[string]any{"files": files})
	if err != nil {
		panic(err) // strings and numbers only
	}
	return body
}

func (r *run) at(start time.Time, i int) time.Time {
	return start.Add(time.Duration(float64(i+1) * r.pace * float64(time.Second)))
}

// historyLine is a line of history.
func (r *run) historyLine(start time.Time, i int) string {
	b := append([]byte(`{"_step":`), strconv.Itoa(i)...)
	put := func(key string, v float64) {
		b = append(strconv.AppendQuote(append(b, ','), key), ':')
		b = strconv.AppendFloat(b, v, 'g', 6, 64)
	}
	for _, v := range r.row(i) {
		put(v.key, v.v)
	}
	b = strconv.AppendFloat(append(b, `,"_runtime":`...), float64(i+1)*r.pace, 'f', 2, 64)
	b = strconv.AppendFloat(append(b, `,"_timestamp":`...), float64(r.at(start, i).UnixMilli())/1000, 'f', 3, 64)
	return string(append(b, '}'))
}

const sampleEach = 10 // rows between two samples of the system

// samples is how many rows before the given one have a sample.
func samples(rows int) int { return (rows + sampleEach - 1) / sampleEach }

// sample is a line of the system's metrics.
func (r *run) sample(start time.Time, i int) string {
	m := map[string]any{"_timestamp": float64(r.at(start, i).UnixMilli()) / 1000, "_runtime": float64(i+1) * r.pace, "_wandb": true,
		"system.cpu": 38 + 9*r.noise(90, i), "system.memory_percent": 41 + float64(i)/float64(r.rows)*6 + r.noise(91, i), "system.disk./.usagePercent": 63.2}
	for g := range r.gpus {
		p := fmt.Sprintf("system.gpu.%d.", g)
		m[p+"gpu"] = max(0, min(100, 93+6*r.noise(100+g, i)))
		m[p+"memoryAllocated"] = 71 + 2*r.noise(110+g, i)
		m[p+"temp"] = 62 + float64(g) + 3*r.noise(120+g, i)
		m[p+"powerWatts"] = 318 + 24*r.noise(130+g, i)
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // numbers only
	}
	return string(text)
}
