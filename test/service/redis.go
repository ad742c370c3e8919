package service

import (
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/ballast-ml/ballast/internal/process"
)

// Redis is a Redis server with a password.
type Redis struct {
	*process.Process
	URL      string // with the password
	Password string
	addr     string
	args     []string
}

// StartRedis starts a Redis that keeps nothing on disk.
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	n, password := port(t), "not-a-secret"
	r := &Redis{Password: password, addr: fmt.Sprintf("127.0.0.1:%d", n), URL: fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", password, n)}
	r.args = []string{"--bind", "127.0.0.1", "--port", fmt.Sprint(n), "--requirepass", password, "--save", "", "--appendonly", "no", "--dir", t.TempDir()}
	r.Restart(t)
	return r
}

// Restart starts the server again, empty, at the same address.
func (r *Redis) Restart(t testing.TB) {
	t.Helper()
	r.Process = run(t, exec.Command(tool(t, "redis-server"), r.args...), func() error {
		c, err := net.DialTimeout("tcp", r.addr, time.Second)
		if err == nil {
			c.Close()
		}
		return err
	})
}
