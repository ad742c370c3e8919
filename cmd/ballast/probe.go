package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/internal/cache/rediscache"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/notice/sqsnotice"
	"github.com/ballast-ml/ballast/internal/system"
	"github.com/ballast-ml/ballast/internal/system/probe"
)

const (
	probeAttempts = 2                // of a call to the store: who tests wants the answer
	noticeWait    = 10 * time.Second // for a bucket's notice to come
	redisWait     = 10 * time.Second
)

// probe performs the operations that a section of settings must allow.
func (h *host) probe(ctx context.Context, cfg *config.Config, ask system.Ask) (system.Result, error) {
	switch ask.Part {
	case "storage":
		return probeStorage(ctx, cfg, ask)
	case "redis":
		return probeRedis(ctx, cfg)
	case "database":
		return probe.Database(ctx, h.db), nil
	}
	return system.Result{}, ballast.Errorf(ballast.Invalid, "there is no test of %.40q: storage, redis and database have one", ask.Part)
}

func probeStorage(ctx context.Context, cfg *config.Config, ask system.Ask) (r system.Result, err error) {
	s, err := firstBucket(ctx, cfg)
	if err != nil {
		return r, err
	}
	if s == nil {
		return r, ballast.Errorf(ballast.Invalid, "objects go to the data folder: switch an external file storage backend on to test one")
	}
	s.Origin, s.Names.Origin = ask.Origin, ask.Origin
	if ask.Object != "" {
		if err := blob.CheckName(ask.Object); err != nil || !strings.HasPrefix(ask.Object, blob.ProbePrefix) {
			return r, ballast.Errorf(ballast.Invalid, "%.80q is no object of a test", ask.Object)
		}
		return s.Last(ctx, ask.Object), nil
	}
	r = s.First(ctx)
	if cfg.BucketQueue == "" || r.Object == "" {
		return r, nil
	}
	q, err := openQueue(ctx, cfg, nil)
	if err != nil {
		return r, err
	}
	s.Notice(ctx, q, noticeWait, &r)
	return r, nil
}

// firstBucket is the bucket that takes new objects, nil when the folder does.
func firstBucket(ctx context.Context, cfg *config.Config) (*probe.Storage, error) {
	if len(cfg.Buckets) == 0 || cfg.Buckets[0] == config.Folder {
		return nil, nil
	}
	named, err := namedBuckets(cfg)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "%s", err.Error())
	}
	a := named[0]
	o, err := bucketOptions(ctx, cfg, a)
	if err != nil {
		return nil, err
	}
	o.Attempts = probeAttempts
	return &probe.Storage{Bucket: s3blob.Open(o), Client: &http.Client{Timeout: 10 * time.Second},
		Names: probe.Names{Bucket: a.Bucket, Prefix: a.Prefix, Region: o.AWS.Region, KMSKey: cfg.BucketKMSKey, Queue: strings.TrimPrefix(cfg.BucketQueue, "sqs://")}}, nil
}

func probeRedis(ctx context.Context, cfg *config.Config) (r system.Result, err error) {
	if cfg.Redis == "" {
		return r, ballast.Errorf(ballast.Invalid, "no Redis is set: results are kept in this server's memory")
	}
	c, err := rediscache.Open(rediscache.Options{URL: cfg.Redis})
	if err != nil {
		return r, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, redisWait)
	defer cancel()
	return probe.Redis(ctx, c), nil
}

// usable looks whether what the settings lead to can be used: the bucket, its
// queue, Redis. Nothing is noted before, so that a wrong address leaves no trace.
func usable(ctx context.Context, cfg *config.Config) error {
	s, err := firstBucket(ctx, cfg)
	if err != nil {
		return err
	}
	if s != nil {
		r := s.First(ctx)
		if r.Object != "" {
			r.Steps = append(r.Steps, s.Last(ctx, r.Object).Steps...)
		}
		if err := firstRefusal(r, "file storage"); err != nil {
			return err
		}
	}
	if cfg.BucketQueue != "" {
		q, err := openQueue(ctx, cfg, nil)
		if err != nil {
			return err
		}
		if err := q.Find(ctx); err != nil {
			return err
		}
	}
	if cfg.Redis == "" {
		return nil
	}
	r, err := probeRedis(ctx, cfg)
	if err != nil {
		return err
	}
	return firstRefusal(r, "Redis")
}

// firstRefusal is the first step that failed. Browsers are not servers: what they
// may do is told by the test on the page.
func firstRefusal(r system.Result, what string) error {
	for _, step := range r.Steps {
		if !step.OK && !step.Browser {
			return ballast.Errorf(ballast.Unavailable, "%s: %s: %s", what, step.Name, step.Text)
		}
	}
	return nil
}

// openQueue opens the queue of the buckets' notices.
func openQueue(ctx context.Context, cfg *config.Config, log *slog.Logger) (*sqsnotice.Queue, error) {
	c, err := queueConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the queue of notices: %w", err)
	}
	q, err := sqsnotice.Open(c, cfg.BucketQueue, log)
	if err != nil {
		return nil, ballast.Errorf(ballast.Invalid, "setting bucket-queue: %s", err.Error())
	}
	return q, nil
}
