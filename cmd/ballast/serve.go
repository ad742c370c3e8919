package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/artifact"
	"github.com/ballast-ml/ballast/internal/auth"
	"github.com/ballast-ml/ballast/internal/cache"
	"github.com/ballast-ml/ballast/internal/cache/memcache"
	"github.com/ballast-ml/ballast/internal/cache/rediscache"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/export"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/graph"
	"github.com/ballast-ml/ballast/internal/ingest"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/query"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
	"github.com/ballast-ml/ballast/internal/queue/sqsqueue"
	"github.com/ballast-ml/ballast/internal/server"
)

// How a stop divides its ten seconds: requests under way, then the rest.
const (
	drainFor = 7 * time.Second
	stopFor  = 9500 * time.Millisecond
)

// bellPoll is how often idle workers look for jobs beside a bell that calls
// them: what a lost message costs.
const bellPoll = 30 * time.Second

func newServe(w world) *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Serve HTTP and run background jobs", Args: noArgs,
		Long: "Serves HTTP and runs background jobs in one process, until SIGTERM or SIGINT.\nEach flag is a setting; it may also come from the environment (BALLAST_DATA for --data)\nor from the YAML file that --config names."}
	addSettings(cmd.Flags())
	quick := cmd.Flags().Bool("quickstart", false, "when the store has no users yet, make an admin with a password and a key, and print them")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := load(w, cmd.Flags())
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		return serve(ctx, w, cfg, *quick, false)
	}
	return cmd
}

func newLog(w world, cfg *config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogJSON {
		return slog.New(slog.NewJSONHandler(w.Err, o))
	}
	return slog.New(slog.NewTextHandler(w.Err, o))
}

// serve runs the server until ctx ends, and then stops it within ten seconds:
// no accepted request is lost. A worker serves probes only.
func serve(ctx context.Context, w world, cfg *config.Config, quick, worker bool) error {
	log := newLog(w, cfg)
	for _, text := range cfg.Warnings {
		log.Warn(text)
	}
	if cfg.MemoryLimit > 0 {
		debug.SetMemoryLimit(cfg.MemoryLimit)
	}
	if err := makeData(cfg.Data); err != nil {
		return err
	}
	if cfg.Database == "" {
		unlock, err := lockData(cfg.Data)
		if err != nil {
			return err
		}
		defer unlock()
	}
	l, err := listen(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	if cfg.URL == "" {
		cfg.URL = config.DefaultURL(l.Addr().String())
	}
	if err := noteURL(cfg.Data, cfg.URL); err != nil {
		log.Warn("links that admin makes will not lead here", "error", err) // a full disk is no reason not to serve
	}
	early := answerEarly(l)
	h, err := openHost(ctx, cfg, log, worker)
	early.handOver()
	if err != nil {
		return err
	}
	defer func() {
		if !h.abandoned {
			h.close()
		}
	}()
	if worker {
		log.Info("ballast works", "listen", l.Addr().String(), "version", version)
		return h.run(ctx, l)
	}
	log.Info("ballast serves", "url", cfg.URL, "listen", l.Addr().String(), "data", cfg.Data, "version", version)
	if err := h.rooms.welcome(ctx, w, quick); err != nil {
		return err
	}
	return h.run(ctx, l)
}

func listen(ctx context.Context, addr string) (*net.TCPListener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; give another address with --listen", addr, err)
	}
	return l.(*net.TCPListener), nil
}

// rooms is the open server. The store is its host's.
type rooms struct {
	cfg    *config.Config
	log    *slog.Logger
	db     *meta.DB
	auth   *auth.Auth
	ingest *ingest.Ingest
	reads  *query.Query
	server *server.Server
	redis  *rediscache.Cache // nil: none
	bell   *sqsqueue.Queue   // nil: workers look for jobs by themselves
	// notices follows the buckets' queue until its context ends; nil: there is none
	notices func(context.Context)

	stopJobs   context.CancelFunc
	background sync.WaitGroup
	closing    sync.Once
}

// openRooms opens the drivers and connects the rooms.
func openRooms(ctx context.Context, cfg *config.Config, h *host) (r *rooms, err error) {
	log, keys := h.log, h.keys
	r = &rooms{cfg: cfg, log: log, db: h.db}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if r.auth, err = openAuth(r.db, cfg, keys, log); err != nil {
		return r, err
	}
	stores, err := openStores(ctx, cfg, keys, r.db)
	if err != nil {
		return r, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	o := ingest.Options{Store: stores.current, Stores: stores.all, Budget: cfg.IngestInflight, CrashAfter: cfg.CrashAfter, Undelete: cfg.Undelete, MergeRate: cfg.MergeRate, Log: log, Metrics: metrics}
	if cfg.Database != "" {
		o.Committers = 2
	}
	jobs, err := r.openQueue(ctx, cfg, log)
	if err != nil {
		return r, err
	}
	if r.bell != nil {
		o.Poll = bellPoll
	}
	if r.ingest, err = ingest.Open(ctx, r.db, stores.bucket(), jobs, o); err != nil {
		return r, err
	}
	results, shared, err := r.openCache(cfg, log, metrics)
	if err != nil {
		return r, err
	}
	reads := query.New(r.db, stores.all, results, query.Options{Log: log, PageBytes: cfg.CacheBytes, Shared: shared})
	r.reads = reads
	files := file.New(r.db, file.Options{Stores: stores.all, Store: stores.current, Log: log})
	if r.notices, err = stores.openNotices(ctx, cfg, files, log); err != nil {
		return r, err
	}
	artifacts := artifact.New(r.db, artifact.Options{Stores: stores.all, Store: stores.current, Log: log})
	answers, err := graph.New(graph.Options{DB: r.db, Auth: r.auth, Query: reads, Files: files, Artifacts: artifacts,
		Exports: export.New(r.db, reads, export.Options{Stores: stores.all, Store: stores.current, Log: log}), Version: version, Log: log})
	if err != nil {
		return r, err
	}
	metrics.MustRegister(answers.Collectors()...)
	deps := server.Deps{DB: r.db, Auth: r.auth, Ingest: r.ingest, Query: reads, Files: files, Artifacts: artifacts, Graph: answers, Stores: stores.all,
		Providers: providers(cfg), System: h.system}
	r.server, err = server.Open(deps, server.Options{URL: cfg.URL, Version: version, MetricsToken: cfg.MetricsToken,
		Rate: cfg.RateLimit, Burst: cfg.RateBurst, StreamBytes: cfg.BodyLimit, Undelete: cfg.Undelete, Frames: cfg.Frames, Objects: stores.origins, Log: log, Metrics: metrics,
		Slower: r.slower, ProbesOnly: h.worker, Tokens: r.tokens()})
	return r, err
}

// openCache opens the cache of results: in Redis, which all replicas share and
// which also takes whole answers, or in memory.
func (r *rooms) openCache(cfg *config.Config, log *slog.Logger, metrics *prometheus.Registry) (results, shared cache.Cache, err error) {
	if cfg.Redis == "" {
		return memcache.New(cfg.CacheBytes), nil, nil
	}
	if r.redis, err = rediscache.Open(rediscache.Options{URL: cfg.Redis, Log: log, Metrics: metrics}); err != nil {
		return nil, nil, fmt.Errorf("setting redis: %w", err)
	}
	return r.redis, r.redis, nil
}

// tokens counts requests for all replicas together, when there is a Redis.
func (r *rooms) tokens() server.Tokens {
	if r.redis == nil {
		return nil
	}
	return r.redis.Take
}

// slower says what is missing without which everything works on, slower.
func (r *rooms) slower() string {
	if r.redis != nil && r.redis.Fault() != "" {
		return "Redis does not answer: results are computed anew"
	}
	return ""
}

// openQueue opens the queue of jobs in the database, with a bell in SQS when the
// settings name one.
func (r *rooms) openQueue(ctx context.Context, cfg *config.Config, log *slog.Logger) (queue.Queue, error) {
	jobs := sqlqueue.New(r.db)
	if cfg.Queue == "" {
		return jobs, nil
	}
	c, err := queueConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the queue of jobs: %w", err)
	}
	if r.bell, err = sqsqueue.Open(jobs, c, cfg.Queue, log); err != nil {
		return nil, fmt.Errorf("setting queue: %w", err)
	}
	return r.bell, nil
}

// openDatabase waits for a MySQL that does not answer yet; every other fault
// ends the start.
func openDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) (*meta.DB, error) {
	for {
		db, err := meta.Open(ctx, databaseOptions(cfg, log))
		var network net.Error
		if err == nil || !errors.As(err, &network) {
			return db, err
		}
		log.Warn("the metadata store does not answer yet, trying again", "error", err)
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// start starts the background work.
func (r *rooms) start(ctx context.Context) {
	jobs, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stopJobs = stop
	r.background.Go(func() { r.auth.Run(jobs) })
	r.background.Go(func() { r.reads.Run(jobs, r.cfg.Jobs) })
	if !r.cfg.Jobs {
		r.background.Go(func() { r.ingest.Listen(jobs) })
		return
	}
	r.background.Go(func() { r.ingest.Run(jobs) })
	if r.bell != nil {
		r.background.Go(func() { r.bell.Run(jobs, r.ingest.Rouse) })
	}
	if r.notices != nil {
		r.background.Go(func() { r.notices(jobs) })
	}
}

// stop ends the background work, then the write path.
func (r *rooms) stop() {
	if r.stopJobs != nil {
		r.stopJobs()
	}
	r.background.Wait()
	r.close()
}

// close closes what is open, but the store. It may be called again, and while
// requests that took too long are still answered.
func (r *rooms) close() {
	r.closing.Do(func() {
		if r.ingest != nil {
			r.ingest.Close()
		}
		if r.redis != nil {
			r.redis.Close()
		}
	})
}
