package ingest

import (
	"context"

	"github.com/klauspost/compress/s2"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/console"
	"github.com/ballast-ml/ballast/internal/filestream"
	"github.com/ballast-ml/ballast/internal/history"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Request is a decoded body of a run's file stream.
type Request struct {
	RunID  int64
	Writer string // the client id of a process of a shared run, "" otherwise
	Derive bool   // the client leaves the summary to the server
	*filestream.Request
}

// Reply is what the client is told.
type Reply struct {
	Stopped    bool // a person asked the process to stop
	NewSession bool // rows of an earlier process of this run were set aside
}

// Append stores a request and returns when it is durable. A request that was
// stored before is answered the same way.
//
// Errors: Unavailable (the store does not answer, or lines before these are
// missing: with RetryAfter), Conflict (another process took the run over, for
// certain), NotFound (the run is gone), Invalid.
func (in *Ingest) Append(ctx context.Context, r Request) (Reply, error) {
	a, err := convert(r)
	if err != nil {
		return Reply{}, err
	}
	got, err := in.pools[uint64(r.RunID)%uint64(len(in.pools))].do(ctx, a)
	if err != nil {
		in.metrics.requests.WithLabelValues("failed").Inc()
		return Reply{}, err
	}
	in.metrics.count(&got, r.Points)
	switch got.Outcome {
	case meta.Stored, meta.Known:
		in.afterAppend(r.RunID, &got)
		return Reply{Stopped: got.Stopped, NewSession: got.NewSession}, nil
	case meta.Ahead:
		return Reply{}, later(got.RetryAfter, ballast.Errorf(ballast.Unavailable, "lines before these have not arrived; they are waited for, send this again in %v", got.RetryAfter))
	case meta.Superseded:
		return Reply{}, ballast.Errorf(ballast.Conflict, "another process took this run over and its lines replaced this one's: start with another run id, or with resume")
	}
	return Reply{}, ballast.Errorf(ballast.NotFound, "run %d does not exist any more", r.RunID)
}

// convert makes a request ready to store: what costs time is done here, by the
// caller, and not in the transaction.
func convert(r Request) (meta.Append, error) {
	a := meta.Append{Run: r.RunID, Writer: r.Writer, History: rowsOf(r.History), Events: rowsOf(r.Events), Preempting: r.Preempting}
	if r.Complete != nil && *r.Complete {
		a.Complete = true
		if r.ExitCode != nil {
			a.ExitCode = *r.ExitCode
		}
	}
	if r.Output != nil && len(r.Output.Lines) > 0 {
		lines := make([]console.Line, len(r.Output.Lines))
		for i, raw := range r.Output.Lines {
			lines[i] = console.Parse(raw)
		}
		a.Output = &meta.Lines{Offset: r.Output.Offset, Count: len(lines), Data: console.Encode(lines)}
	}
	if r.Derive {
		if a.History != nil || r.Summary != nil {
			a.Derive = deriveFrom(r.Summary, r.Writer != "")
		}
	} else if r.Summary != nil {
		if r.Writer == "" {
			a.Summary, a.OverBase = packJSON(r.Summary), mergeInto(r.Summary)
		} else {
			a.MergeSummary = mergeInto(r.Summary)
		}
	}
	if a.Events != nil {
		last, err := lastValues(r.Events.Chunk)
		if err != nil {
			return a, err
		}
		if last != nil {
			a.System = mergeInto(last)
		}
	}
	return a, nil
}

func rowsOf(r *filestream.Rows) *meta.Rows {
	if r == nil || r.Lines == 0 {
		return nil
	}
	data := r.Chunk
	n := r.Lines
	return &meta.Rows{Offset: r.Offset, Lines: n, First: r.FirstHash, Data: data, Cut: func(skip int, row0 int64) ([]byte, error) {
		cut := data
		var err error
		if skip > 0 {
			if cut, err = history.CutRows(cut, skip, n); err != nil {
				return nil, err
			}
		}
		if row0 >= 0 {
			return history.AssignSteps(cut, row0)
		}
		return cut, nil
	}}
}

// packJSON is JSON as the summary tables keep it: s2 block format, no bytes
// for "{}".
func packJSON(json []byte) []byte {
	if len(json) == 0 || string(json) == "{}" {
		return []byte{}
	}
	return s2.Encode(nil, json)
}

// mergeInto returns a function that lays the members of a JSON object over a
// stored one.
func mergeInto(patch []byte) func(old []byte) ([]byte, error) {
	return func(old []byte) ([]byte, error) {
		if len(old) == 0 {
			return packJSON(patch), nil
		}
		was, err := s2.Decode(nil, old)
		if err != nil {
			return nil, ballast.Wrap(ballast.Internal, err, "a stored summary is damaged")
		}
		return packJSON(mergeObjects(was, patch)), nil
	}
}
