package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/server"
	"github.com/ballast-ml/ballast/internal/system"
)

// retireFor is how long requests that run under settings that were changed may
// take to end.
const retireFor = 3 * time.Minute

// host is the process: the store, and the rooms over it. When settings change,
// rooms with the new ones take the place of those before, as another replica
// would (docs/design/125).
type host struct {
	log    *slog.Logger
	db     *meta.DB
	keys   []config.SecretKey
	system *system.System
	held   system.Held // in effect at the start
	worker bool        // no client talks to it
	front  *server.Front

	mu        sync.Mutex
	rooms     *rooms         // that answer new requests
	retiring  sync.WaitGroup // rooms that end
	abandoned bool           // closing takes too long and goes on in the background
}

// openHost opens the store and the rooms, with the settings that are in it.
func openHost(ctx context.Context, cfg *config.Config, log *slog.Logger, worker bool) (h *host, err error) {
	h = &host{log: log, worker: worker}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.db, err = openDatabase(ctx, cfg, log); err != nil {
		return h, err
	}
	if h.keys, err = secrets(ctx, cfg, h.db); err != nil {
		return h, err
	}
	if err := warnSecrets(ctx, cfg, h.db, h.keys, log); err != nil {
		return h, err
	}
	h.system = system.New(h.db, cfg, system.Options{Keys: h.keys, Probe: h.probe, Log: log})
	proven, held, err := h.system.Proven(ctx)
	if err != nil {
		return h, err
	}
	h.held = held
	if h.rooms, err = openRooms(ctx, proven, h); err != nil {
		return h, err
	}
	h.front = server.NewFront(h.rooms.server)
	return h, nil
}

// apply opens rooms with other settings, once what they lead to answers, and
// lets them take over.
func (h *host) apply(ctx context.Context, cfg *config.Config) error {
	if err := usable(ctx, cfg); err != nil {
		return err
	}
	next, err := openRooms(ctx, cfg, h)
	if err != nil {
		return err
	}
	next.start(ctx)
	h.mu.Lock()
	last := h.rooms
	h.rooms = next
	answered := h.front.Replace(next.server) // at once: a stop drains who is current
	h.mu.Unlock()
	h.retiring.Go(func() {
		retire, cancel := context.WithTimeout(context.WithoutCancel(ctx), retireFor)
		defer cancel()
		if err := answered(retire); err != nil {
			h.log.Warn("settings changed", "error", err)
		}
		last.stop()
	})
	return nil
}

// run serves until ctx ends. Requests are drained while the write path still
// runs; then jobs stop, the write path closes, and at last the store.
func (h *host) run(ctx context.Context, l net.Listener) error {
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollowing()
	h.rooms.start(ctx)
	var follows sync.WaitGroup
	follows.Go(func() { h.system.Run(following, h.held, h.apply) })
	served := make(chan error, 1)
	go func() { served <- h.front.Serve(l) }()
	select {
	case err := <-served:
		if ctx.Err() == nil {
			return err
		}
	case <-ctx.Done():
	}
	stopFollowing()
	follows.Wait()
	h.front.Retire()
	if delay := h.rooms.cfg.DrainDelay; delay > 0 {
		h.log.Info("stopping: requests are still taken while load balancers notice", "for", delay)
		time.Sleep(delay)
	}
	h.log.Info("stopping: answering the requests under way")
	begun := time.Now()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	err := h.front.Drain(drain)
	stopped := make(chan struct{})
	go func() {
		h.rooms.stop()
		h.retiring.Wait()
		h.close()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopFor - time.Since(begun)):
		h.abandoned = true
		err = errors.Join(err, errors.New("background work did not end in time; what it did not finish is done again at the next start"))
	}
	h.log.Info("stopped", "seconds", time.Since(begun).Seconds())
	return err
}

// close closes what is open, the store last. It may be called again.
func (h *host) close() {
	if h.rooms != nil {
		h.rooms.close()
	}
	if h.db != nil {
		h.db.Close()
		h.db = nil
	}
}
