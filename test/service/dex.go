package service

import (
	"fmt"
	"net/http"
	"os/exec"
	"testing"

	"github.com/ballast-ml/ballast/internal/process"
)

// Dex is the identity provider dex. Its client is "ballast" with the secret
// "not-a-secret"; its one person is kilgore@kilgore.trout of the group
// "authors", who signs in without typing.
type Dex struct {
	*process.Process
	Issuer string
	args   []string
}

// StartDex starts a dex that sends people back to redirect.
func StartDex(t testing.TB, redirect string) *Dex {
	t.Helper()
	d := &Dex{Issuer: fmt.Sprintf("http://127.0.0.1:%d/dex", port(t))}
	d.args = []string{"-issuer", d.Issuer, "-redirect", redirect}
	d.Restart(t)
	return d
}

// Restart starts it again at the same address, with other keys.
func (d *Dex) Restart(t testing.TB) {
	t.Helper()
	d.Process = run(t, exec.Command(tool(t, "dex"), d.args...), func() error {
		resp, err := http.Get(d.Issuer + "/.well-known/openid-configuration")
		if err == nil {
			resp.Body.Close()
		}
		return err
	})
}
