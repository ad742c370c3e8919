package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/fileblob"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/file"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/notice"
)

// folderID is the id of the store in the data folder, as references to objects
// carry it.
const folderID = 0

// stores are the places where objects are. New ones go to one of them.
type stores struct {
	all     map[int]blob.Bucket
	current int
	origins []string       // of signed URLs that do not lead to this server
	places  []notice.Place // of the buckets
}

func (s *stores) bucket() blob.Bucket { return s.all[s.current] }

// openStores opens the folder and every bucket that was ever written to or
// that the settings name; the first of these takes new objects.
func openStores(ctx context.Context, cfg *config.Config, keys []config.SecretKey, db *meta.DB) (*stores, error) {
	folder, err := openFolder(cfg, keys)
	if err != nil {
		return nil, err
	}
	s := &stores{all: map[int]blob.Bucket{folderID: folder}}
	named, err := namedBuckets(cfg)
	if err != nil {
		return nil, err
	}
	if len(named) > 0 && cfg.Buckets[0] != config.Folder {
		if s.current, err = noteStore(ctx, db, named[0].Place()); err != nil {
			return nil, err
		}
	}
	var known []ballast.Store
	err = db.Read(ctx, func(tx *meta.Tx) (err error) {
		known, err = tx.Stores()
		return err
	})
	for i := 0; err == nil && i < len(known); i++ {
		err = s.open(ctx, cfg, named, known[i])
	}
	return s, err
}

func openFolder(cfg *config.Config, keys []config.SecretKey) (*fileblob.Bucket, error) {
	var all []fileblob.Key
	for _, k := range keys {
		all = append(all, fileblob.Key{ID: k.ID, Secret: k.Secret})
	}
	return fileblob.Open(filepath.Join(cfg.Data, objectFolder), fileblob.Options{URL: cfg.URL, Store: folderID, Keys: all})
}

func namedBuckets(cfg *config.Config) (named []s3blob.Address, err error) {
	for _, text := range cfg.Buckets {
		if text == config.Folder {
			continue
		}
		a, err := s3blob.ParseAddress(text)
		if err != nil {
			return nil, fmt.Errorf("setting bucket: %w", err)
		}
		named = append(named, a)
	}
	return named, nil
}

// placeOf is where a bucket's address leads to, "" for no address.
func placeOf(address string) string {
	a, err := s3blob.ParseAddress(address)
	if err != nil {
		return ""
	}
	return a.Place()
}

// noteStore returns the id of the store at a place. Of several replicas that
// start on a new one at once, one notes it.
func noteStore(ctx context.Context, db *meta.DB, place string) (id int, err error) {
	for range 3 {
		err = db.Write(ctx, "noting the store "+place, func(tx *meta.Tx) (err error) {
			id, err = tx.EnsureStore(place, time.Now())
			return err
		})
		if !ballast.Is(err, ballast.Conflict) {
			return id, err
		}
	}
	return id, err
}

// open opens a known store: with what the settings say of its place, else with
// the credentials of the process.
func (s *stores) open(ctx context.Context, cfg *config.Config, named []s3blob.Address, known ballast.Store) error {
	a, err := s3blob.ParseAddress(known.Place)
	if err != nil {
		return fmt.Errorf("store %d in the database, %s: %w", known.ID, known.Place, err)
	}
	for _, n := range named {
		if n.Place() == known.Place {
			a = n
			break // the first is the one that was set last
		}
	}
	o, err := bucketOptions(ctx, cfg, a)
	if err != nil {
		return err
	}
	s.all[known.ID] = s3blob.Open(o)
	s.places = append(s.places, notice.Place{Bucket: a.Bucket, Prefix: a.Prefix, Store: known.ID})
	s.origins = append(s.origins, a.Origin(o.AWS.Region))
	return nil
}

// bucketOptions says how the bucket at an address is reached.
func bucketOptions(ctx context.Context, cfg *config.Config, a s3blob.Address) (o s3blob.Options, err error) {
	if a.Region == "" {
		a.Region = cfg.BucketRegion
	}
	o = s3blob.Options{Bucket: a.Bucket, Prefix: a.Prefix, Endpoint: a.Endpoint, PathStyle: a.PathStyle, KMSKey: cfg.BucketKMSKey}
	if o.AWS, err = awsConfig(ctx, a); err != nil {
		return o, fmt.Errorf("opening the bucket %s: %w", a.Bucket, err)
	}
	return o, nil
}

// openNotices opens the queue of the buckets' notices, nil when the settings
// name none, and says what is to be done with them.
func (s *stores) openNotices(ctx context.Context, cfg *config.Config, files *file.Files, log *slog.Logger) (func(context.Context), error) {
	if cfg.BucketQueue == "" {
		return nil, nil
	}
	q, err := openQueue(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	n := notice.New(files, s.all, s.places, log)
	return func(ctx context.Context) { q.Run(ctx, n.Take) }, nil
}

// queueConfig is how queues are reached: with the credentials of the process,
// in the bucket's region when the settings say it.
func queueConfig(ctx context.Context, cfg *config.Config) (aws.Config, error) {
	c, err := awsconfig.LoadDefaultConfig(ctx)
	if err == nil && cfg.BucketRegion != "" {
		c.Region = cfg.BucketRegion
	}
	return c, err
}

// awsConfig finds region and credentials: those of the address, else those of
// the process (environment, files, Pod Identity, IRSA, instance).
func awsConfig(ctx context.Context, a s3blob.Address) (c aws.Config, err error) {
	if a.Key == "" {
		c, err = awsconfig.LoadDefaultConfig(ctx)
	} else {
		c.Credentials = credentials.NewStaticCredentialsProvider(a.Key, a.Secret, "")
	}
	switch {
	case err != nil:
	case a.Region != "":
		c.Region = a.Region
	case a.Endpoint != "" && c.Region == "":
		c.Region = "us-east-1" // what compatible servers expect when nobody cares
	case a.Endpoint == "":
		c.Region, err = s3blob.RegionOf(ctx, http.DefaultClient, "https://s3.amazonaws.com", a.Bucket)
	}
	return c, err
}
