package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/go-sql-driver/mysql"

	"github.com/ballast-ml/ballast/internal/blob"
	"github.com/ballast-ml/ballast/internal/blob/s3blob"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/process"
)

// What the rig's S3 server takes as credentials.
const (
	rigKey    = "ballastbench"
	rigSecret = "not a secret at all"
	rigBucket = "ballast-bench"
	rigRegion = "us-east-1"
)

// rig is what replicas share: a MariaDB that flushes at each commit, a Redis
// and a versitygw of this machine, each a process of its own on a data folder
// below dir.
type rig struct {
	exe   string
	dir   string
	key   string // of the user "bench"
	mysql *mysql.Config
	redis string // URL
	s3    string // endpoint
	root  []string
	stops []func()
}

// startRig starts the services. What is not installed is an error that says so.
func startRig(ctx context.Context, o Options) (r *rig, err error) {
	r = &rig{exe: o.Exe}
	if r.dir, err = os.MkdirTemp(o.Dir, "ballast-cluster-"); err != nil {
		return nil, err
	}
	r.stops = append(r.stops, func() { os.RemoveAll(r.dir) })
	if err = os.Chmod(r.dir, 0o755); err == nil { // MariaDB's user must reach its folder
		err = errors.Join(r.startMariaDB(ctx), r.startRedis(ctx), r.startS3(ctx))
	}
	if err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// stop ends everything, the last started first.
func (r *rig) stop() {
	for i := len(r.stops) - 1; i >= 0; i-- {
		r.stops[i]()
	}
}

// run starts a service and waits until its port answers.
func (r *rig) run(ctx context.Context, cmd *exec.Cmd, addr string) error {
	p, err := process.Start(cmd, filepath.Join(r.dir, filepath.Base(cmd.Path)+".log"))
	if err != nil {
		return fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	r.stops = append(r.stops, p.Stop)
	err = p.Wait(func() error {
		if ctx.Err() != nil {
			return nil // nobody waits any more
		}
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
		if err == nil {
			c.Close()
		}
		return err
	})
	return errors.Join(err, ctx.Err())
}

func freeAddress() (string, error) {
	port, err := process.FreePort()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), err
}

func (r *rig) startMariaDB(ctx context.Context) error {
	server, err := process.Tool("mariadbd")
	if err != nil {
		return err
	}
	install, err := process.Tool("mariadb-install-db")
	if err != nil {
		return err
	}
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	dir := filepath.Join(r.dir, "mariadb")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	as, err := process.OwnDir(dir)
	if err != nil {
		return err
	}
	setUp := exec.CommandContext(ctx, install, "--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--auth-root-authentication-method=normal", "--skip-test-db")
	setUp.SysProcAttr, setUp.Dir = as, dir
	if out, err := setUp.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%.2000s", err, out)
	}
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(server, "--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"),
		"--bind-address=127.0.0.1", "--port="+port, "--skip-name-resolve", "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=512M",
		"--innodb-flush-log-at-trx-commit=1", "--max-allowed-packet=64M", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin", "--transaction-isolation=READ-COMMITTED")
	cmd.SysProcAttr, cmd.Dir = as, dir
	if err := r.run(ctx, cmd, addr); err != nil {
		return err
	}
	r.mysql = mysql.NewConfig()
	r.mysql.User, r.mysql.Net, r.mysql.Addr = "root", "tcp", addr
	db, err := sql.Open("mysql", r.mysql.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE ballast")
	r.mysql.DBName = "ballast"
	return err
}

func (r *rig) startRedis(ctx context.Context) error {
	exe, err := process.Tool("redis-server")
	if err != nil {
		return err
	}
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(addr)
	r.redis = "redis://" + addr + "/0"
	return r.run(ctx, exec.Command(exe, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", r.dir), addr)
}

func (r *rig) startS3(ctx context.Context) error {
	exe, err := process.Tool("versitygw")
	if err != nil {
		return err
	}
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	for _, dir := range []string{"iam", filepath.Join("s3", rigBucket)} { // a folder is a bucket
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o700); err != nil {
			return err
		}
	}
	r.s3 = "http://" + addr
	return r.run(ctx, exec.Command(exe, "--access", rigKey, "--secret", rigSecret, "--port", addr, "--region", rigRegion, "--quiet",
		"--iam-dir", filepath.Join(r.dir, "iam"), "posix", filepath.Join(r.dir, "s3")), addr)
}

// replicas starts so many servers on the services, whose database is at addr,
// and makes their user when there is none.
func (r *rig) replicas(ctx context.Context, n int, addr string) (all []*Server, err error) {
	dsn := r.mysql.Clone()
	dsn.Addr = addr
	env := []string{"BALLAST_DATABASE=" + dsn.FormatDSN(), "BALLAST_REDIS=" + r.redis, "BALLAST_SECRET_KEY=" + strings.Repeat("bench-", 8),
		fmt.Sprintf("BALLAST_BUCKET=s3://%s?endpoint=%s&path-style=true&region=%s", rigBucket, r.s3, rigRegion),
		"AWS_ACCESS_KEY_ID=" + rigKey, "AWS_SECRET_ACCESS_KEY=" + rigSecret}
	for range n {
		s := &Server{Key: r.key, settings: env}
		all = append(all, s)
		if s.Dir, err = os.MkdirTemp(r.dir, "replica-"); err != nil {
			break
		}
		var a string
		if a, err = freeAddress(); err != nil {
			break
		}
		s.URL = "http://" + a
		if err = errors.Join(s.serve(r.exe), s.awaitReady(ctx)); err != nil {
			break
		}
		if r.key == "" {
			if r.key, err = s.makeUser(ctx, r.exe); err != nil {
				break
			}
			s.Key = r.key
		}
	}
	if err != nil {
		stopAll(all)
		return nil, fmt.Errorf("starting replicas: %w", err)
	}
	return all, nil
}

func stopAll(all []*Server) {
	for _, s := range all {
		s.Stop()
	}
}

// filler writes histories beside the replicas, by the write path itself.
func (r *rig) filler(ctx context.Context, project string) (*filler, error) {
	db, err := meta.Open(ctx, meta.Options{MySQL: r.mysql.FormatDSN()})
	if err != nil {
		return nil, err
	}
	bucket := s3blob.Open(s3blob.Options{Bucket: rigBucket, Endpoint: r.s3, PathStyle: true,
		AWS: aws.Config{Region: rigRegion, Credentials: credentials.NewStaticCredentialsProvider(rigKey, rigSecret, "")}})
	var store int
	err = db.Read(ctx, func(tx *meta.Tx) error {
		known, err := tx.Stores()
		if err == nil && len(known) != 1 {
			err = fmt.Errorf("the replicas know %d stores, not one", len(known))
		}
		if err == nil {
			store = known[0].ID
		}
		return err
	})
	if err != nil {
		db.Close()
		return nil, err
	}
	return newFiller(ctx, db, map[int]blob.Bucket{store: bucket}, store, project)
}

// clear empties the Redis.
func (r *rig) clear(ctx context.Context) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimSuffix(strings.TrimPrefix(r.redis, "redis://"), "/0"))
	if err != nil {
		return err
	}
	defer c.Close()
	reply := make([]byte, 16)
	if _, err := c.Write([]byte("FLUSHALL\r\n")); err != nil {
		return err
	}
	n, err := c.Read(reply)
	if err == nil && !strings.HasPrefix(string(reply[:n]), "+OK") {
		err = fmt.Errorf("emptying Redis: %q", reply[:n])
	}
	return err
}

func tagged() string { return strings.ToLower(rand.Text()[:8]) }
