// Package signin signs in to the real program with a real identity provider.
package signin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ballast-ml/ballast/internal/process"
	"github.com/ballast-ml/ballast/test/service"
)

// ballast is the program under test.
var ballast string

func TestMain(m *testing.M) { service.Main(m, &ballast) }

// plain is the environment without settings.
func plain() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BALLAST_") {
			env = append(env, v)
		}
	}
	return env
}

// start starts a server with the team red and its admin ada, who has a password.
func start(t *testing.T, url, listen string, settings ...string) {
	t.Helper()
	env := append(append(plain(), "BALLAST_DATA="+t.TempDir(), "BALLAST_LISTEN="+listen, "BALLAST_URL="+url), settings...)
	admin := func(args ...string) {
		cmd := exec.Command(ballast, append([]string{"admin"}, args...)...)
		cmd.Env, cmd.Stdin = env, strings.NewReader("correct horse battery\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ballast admin %v: %v\n%s", args, err, out)
		}
	}
	admin("user", "create", "ada", "--email", "ada@example.com", "--admin", "--password-stdin")
	admin("team", "create", "red", "--owner", "ada")
	cmd := exec.Command(ballast, "serve")
	cmd.Env = env
	p, err := process.Start(cmd, filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	if err := p.Wait(func() error { return get(http.DefaultClient, url+"/ready", nil) }); err != nil {
		t.Fatal(err)
	}
}

// get reads a reply of 200 into v.
func get(c *http.Client, url string, v any) error {
	resp, err := c.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %.300s", url, resp.StatusCode, body)
	}
	if err == nil && v != nil {
		err = json.Unmarshal(body, v)
	}
	return err
}

type session struct {
	User *struct {
		Name, Email string
		Teams       []struct{ Name, Role string }
	}
}

func TestDex(t *testing.T) {
	n, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	listen := fmt.Sprintf("127.0.0.1:%d", n)
	url := "http://" + listen
	dex := service.StartDex(t, url+"/oidc/corp/callback")
	providers := filepath.Join(t.TempDir(), "providers.yaml")
	secret := filepath.Join(t.TempDir(), "secret")
	text := fmt.Sprintf("- {name: corp, issuer: '%s', client-id: ballast, client-secret: 'file:%s', scopes: [groups], provision: true, groups: {authors: {red: member}}}\n", dex.Issuer, secret)
	for path, text := range map[string]string{providers: text, secret: "not-a-secret\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start(t, url, listen, "BALLAST_OIDC_PROVIDERS=file:"+providers, "BALLAST_PASSWORD_SIGN_IN=admins")

	for round := range 2 { // the second time dex has new keys
		jar, _ := cookiejar.New(nil)
		browser := &http.Client{Jar: jar}
		if err := get(browser, url+"/oidc/corp/start?to=/api/session", nil); err != nil {
			t.Fatal(err)
		}
		var me session
		if err := get(browser, url+"/api/session", &me); err != nil {
			t.Fatal(err)
		}
		if me.User == nil || me.User.Name != "kilgore" || me.User.Email != "kilgore@kilgore.trout" || len(me.User.Teams) != 1 || me.User.Teams[0].Name != "red" || me.User.Teams[0].Role != "member" {
			t.Fatalf("round %d: signed in as %+v", round, me.User)
		}
		dex.Stop()
		if round == 0 {
			dex.Restart(t)
		}
	}

	// dex is stopped.
	resp, err := http.Post(url+"/api/session", "application/json", bytes.NewReader([]byte(`{"user":"ada","password":"correct horse battery"}`)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the admin's password without the provider: %d", resp.StatusCode)
	}
}
