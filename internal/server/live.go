package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
)

// The limits of following, and its rhythm.
const (
	livePerUser  = 20   // streams of one person
	liveStreams  = 5000 // of the whole process
	livePoll     = time.Second
	liveComment  = 15 * time.Second
	liveOverlap  = 5 * time.Second  // read again: commits become visible late
	liveBefore   = 15 * time.Second // a page reads its data this long before its stream is open, at most
	liveRuns     = 1000             // named in one event; more are told by "list"
	liveRemember = 50_000           // runs whose last state a topic keeps
)

// hub tells browsers what changed in the projects that they follow. It carries
// no data: each browser asks for what it shows. One poll a second serves all
// who follow a project, whichever replica wrote the change.
type hub struct {
	s       *Server
	strain  func() ingest.Strain
	mu      sync.Mutex
	topics  map[int64]*topic
	perUser map[int64]int
	streams int
	closed  bool

	ctx   context.Context // of all polls
	stop  context.CancelFunc
	polls sync.WaitGroup
}

// topic is a project that somebody follows.
type topic struct {
	project  int64
	stop     context.CancelFunc
	watchers map[*watcher]bool // guarded by hub.mu, as is strain
	strain   ingest.Strain     // as all who follow were last told

	since time.Time // only the poller uses these
	start time.Time
	known map[int64]seen
}

// watcher is one open stream. A full channel means that its browser does not
// read: it is closed, and comes back with fresh questions.
type watcher struct {
	events chan []byte
	gone   bool // guarded by hub.mu
}

type seen struct {
	rev, ver int64
	state    ballast.State
	stop     bool
	deleted  bool
}

// liveRun says that a run changed.
type liveRun struct {
	Run     string        `json:"run"`
	Rev     int64         `json:"rev"`
	Ver     int64         `json:"ver"`
	State   ballast.State `json:"state"`
	Steps   int64         `json:"steps"`
	Deleted bool          `json:"deleted,omitempty"`
}

func newHub(s *Server) *hub {
	h := &hub{s: s, strain: func() ingest.Strain { return s.Ingest.Strain() }, topics: map[int64]*topic{}, perUser: map[int64]int{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h
}

// close ends the polls and waits for them, until ctx ends: the store is closed
// after this.
func (h *hub) close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.stop()
	ended := make(chan struct{})
	go func() {
		h.polls.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// follow streams what changes in a project, as server-sent events, until the
// browser leaves, the caller may not see it any more, or the server drains.
func follow(s *Server, w http.ResponseWriter, r *http.Request) error {
	p, err := s.projectOf(r, r.URL.Query().Get("project"))
	if err != nil {
		return err
	}
	user := auth.From(r.Context()).User.ID
	watch, err := s.live.join(p.ID, user)
	if err != nil {
		return err
	}
	defer s.live.leave(p.ID, user, watch)
	first, err := s.live.recent(r.Context(), p.ID)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h["Cache-Control"] = noStore
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	if strain := s.live.tellStrain(p.ID); strain != ingest.NoStrain {
		first = append(first, strainEvent(strain)...)
	}
	return s.pump(w, r, first, watch, func() error {
		caller, err := s.caller(r.Context(), r)
		if err != nil {
			return err
		}
		_, err = s.findProject(auth.WithCaller(r.Context(), caller), p.Entity, p.Name, auth.Read)
		return err
	})
}

// pump writes the first event, then others as they come, and a comment when
// there were none for a while; then it also asks whether the caller may still
// listen.
func (s *Server) pump(w http.ResponseWriter, r *http.Request, first []byte, watch *watcher, may func() error) error {
	control := http.NewResponseController(w)
	write := func(b []byte) error {
		control.SetWriteDeadline(time.Now().Add(20 * time.Second))
		if _, err := w.Write(b); err != nil {
			return err
		}
		return control.Flush()
	}
	if err := write(append([]byte("retry: 2000\n: following\n\n"), first...)); err != nil {
		return nil // the browser left
	}
	tick := time.NewTicker(liveComment)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return nil
		case <-s.done:
			return nil
		case event, ok := <-watch.events:
			if !ok {
				return nil
			}
			err = write(event)
		case <-tick.C:
			if denied := may(); denied != nil && !ballast.Is(denied, ballast.Unavailable) {
				return nil
			}
			err = write([]byte(": still here\n\n"))
		}
		if err != nil {
			return nil // the browser left
		}
	}
}

func (h *hub) join(project, user int64) (*watcher, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ballast.Errorf(ballast.Unavailable, "the server is about to stop: ask again")
	}
	if h.perUser[user] >= livePerUser || h.streams >= liveStreams {
		return nil, ballast.Errorf(ballast.Busy, "too many live streams are open: at most %d for each person; close some pages", livePerUser)
	}
	t := h.topics[project]
	if t == nil {
		ctx, cancel := context.WithCancel(h.ctx)
		now := time.Now()
		t = &topic{project: project, stop: cancel, watchers: map[*watcher]bool{}, since: now.Add(-liveOverlap), start: now, known: map[int64]seen{}}
		h.topics[project] = t
		h.polls.Go(func() { h.poll(ctx, t) })
	}
	watch := &watcher{events: make(chan []byte, 8)}
	t.watchers[watch] = true
	h.perUser[user]++
	h.streams++
	h.s.metrics.live.Set(float64(h.streams))
	return watch, nil
}

func (h *hub) leave(project, user int64, watch *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	h.s.metrics.live.Set(float64(h.streams))
	if h.perUser[user]--; h.perUser[user] <= 0 {
		delete(h.perUser, user)
	}
	t := h.topics[project]
	delete(t.watchers, watch)
	if len(t.watchers) == 0 {
		t.stop()
		delete(h.topics, project)
	}
}

// recent is an event with what changed shortly before a stream began: the page
// read its data before, and would never hear of a change in between. It is
// empty when nothing changed.
func (h *hub) recent(ctx context.Context, project int64) ([]byte, error) {
	from := time.Now().Add(-liveBefore)
	var runs []liveRun
	list := false
	err := h.s.DB.Read(ctx, func(tx *meta.Tx) error {
		return tx.Runs(project, meta.RunScan{Since: from, Lean: true}, func(r *ballast.Run, _ []byte) error {
			list = list || r.Updated.After(from) || r.Created.After(from) || r.Deleted.After(from)
			if len(runs) < liveRuns {
				runs = append(runs, liveRunOf(r))
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("reading what changed before the stream: %w", err)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	return changeEvent(runs, list), nil
}

// poll looks for changes until nobody follows the topic or the hub closes.
// The first look only learns what is there.
func (h *hub) poll(ctx context.Context, t *topic) {
	tick := time.NewTicker(livePoll)
	defer tick.Stop()
	for {
		h.tellStrain(t.project)
		runs, list, err := h.look(ctx, t)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			h.s.log.LogAttrs(ctx, slog.LevelWarn, "looking for changes to tell browsers", slog.Int64("project", t.project), slog.String("error", err.Error()))
		case len(runs) > 0 || list:
			h.tell(t, runs, list)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look reads the runs that changed lately and keeps those that are news.
func (h *hub) look(ctx context.Context, t *topic) (news []liveRun, list bool, err error) {
	newest := t.since
	err = h.s.DB.Read(ctx, func(tx *meta.Tx) error {
		return tx.Runs(t.project, meta.RunScan{Since: t.since, Lean: true}, func(r *ballast.Run, _ []byte) error {
			for _, at := range []time.Time{r.Updated, r.Live.Changed, r.Deleted} {
				if at.After(newest) {
					newest = at
				}
			}
			if run, inList, changed := t.compare(r); changed {
				news, list = append(news, run), list || inList
			}
			return nil
		})
	})
	if err != nil {
		return nil, false, fmt.Errorf("reading changed runs: %w", err)
	}
	if from := newest.Add(-liveOverlap); from.After(t.since) {
		t.since = from
	}
	if len(news) > liveRuns {
		news, list = news[:liveRuns], true
	}
	return news, list, nil
}

// compare reports whether a run is not as it was last seen, and whether that
// shows in a list of runs. A run never seen is news when it changed after the
// topic began.
func (t *topic) compare(r *ballast.Run) (run liveRun, list, changed bool) {
	now := seen{r.Rev, r.Live.Ver, r.Live.State, r.Live.Stop, !r.Deleted.IsZero()}
	before, known := t.known[r.ID]
	if len(t.known) >= liveRemember {
		clear(t.known)
	}
	t.known[r.ID] = now
	run = liveRunOf(r)
	if !known {
		list = r.Updated.After(t.start) || r.Created.After(t.start) || r.Deleted.After(t.start)
		return run, list, list || r.Live.Changed.After(t.start)
	}
	list = now.rev != before.rev || now.state != before.state || now.stop != before.stop || now.deleted != before.deleted
	return run, list, list || now.ver != before.ver
}

// tell says to all who follow the topic what changed.
func (h *hub) tell(t *topic, runs []liveRun, list bool) {
	if runs == nil {
		runs = []liveRun{}
	}
	h.send(t, changeEvent(runs, list))
}

// tellStrain says to all who follow a project why requests are put off, when
// that is news, and returns what they know by now.
func (h *hub) tellStrain(project int64) ingest.Strain {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[project]
	if t == nil {
		return ingest.NoStrain
	}
	if now := h.strain(); now != t.strain {
		t.strain = now
		t.send(strainEvent(now))
	}
	return t.strain
}

// send sends an event to all who follow the topic.
func (h *hub) send(t *topic, event []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.send(event)
}

// send is for who holds hub.mu.
func (t *topic) send(event []byte) {
	for watch := range t.watchers {
		if watch.gone {
			continue
		}
		select {
		case watch.events <- event:
		default:
			watch.gone = true
			close(watch.events)
		}
	}
}

func liveRunOf(r *ballast.Run) liveRun {
	return liveRun{Run: r.Name, Rev: r.Rev, Ver: r.Live.Ver, State: r.Live.State, Steps: r.Live.Rows, Deleted: !r.Deleted.IsZero()}
}

func changeEvent(runs []liveRun, list bool) []byte {
	data, err := json.Marshal(map[string]any{"runs": runs, "list": list})
	if err != nil {
		return nil // names and numbers always marshal
	}
	return []byte("event: change\ndata: " + string(data) + "\n\n")
}

// strainEvent says why this server puts requests of runs off; "" when it does
// not any more.
func strainEvent(s ingest.Strain) []byte {
	return []byte("event: strain\ndata: {\"why\":\"" + string(s) + "\"}\n\n")
}
