package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// admin is what its commands share.
type admin struct {
	w      world
	asJSON bool
}

func newAdmin(w world) *cobra.Command {
	a := &admin{w: w}
	cmd := group("admin", "Manage accounts, keys, teams, projects and runs, on the store itself",
		a.users(), a.keys(), a.teams(), a.orgs(), a.services(), a.projects(), a.runs(), a.jobs(), a.systems(), a.bundle())
	cmd.Long = "Works on the store itself, also while a server runs on it; a change counts within five seconds.\nIt needs the settings of the server: --data, or the same environment or --config.\n\nExit codes: 0 done, 1 it failed, 2 the command line or the settings are wrong."
	addSettings(cmd.PersistentFlags())
	cmd.PersistentFlags().BoolVar(&a.asJSON, "json", false, "print JSON")
	for _, s := range []string{"listen", "migrate", "jobs", "drain-delay", "log-level", "log-format", "memory-limit", "ingest-inflight-bytes", "body-limit",
		"rate-limit", "crash-after", "undelete-window", "merge-rate", "session-lifetime", "cache-bytes", "metrics-token",
		"oidc-issuer", "oidc-client-id", "oidc-secret", "oidc-auth-method", "oidc-scopes", "oidc-providers", "sso-provisioning-off", "password-sign-in"} {
		cmd.PersistentFlags().MarkHidden(s) // accepted, since scripts pass on what the server has
	}
	return cmd
}

// job is a command's work on the open store.
type job func(ctx context.Context, s *store, args []string) error

// command returns a command that opens the store, works, and closes it. args
// says what must follow the name, as in use.
func (a *admin) command(use, short string, args int, do job) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if len(given) != args {
			return fmt.Errorf("%d names were given; the form is: %s", len(given), cmd.UseLine())
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := load(a.w, cmd.Flags())
		if err != nil {
			return err
		}
		s, err := openStore(cmd.Context(), a.w, cfg, strings.HasPrefix(cmd.CommandPath(), "ballast admin user create"))
		if err != nil {
			return err
		}
		defer s.db.Close()
		return do(cmd.Context(), s, args)
	}
	return cmd
}

// say prints what was done: a sentence, or a value for a script.
func (a *admin) say(v any, format string, args ...any) error {
	if a.asJSON {
		return printJSON(a.w, v)
	}
	_, err := fmt.Fprintf(a.w.Out, format+"\n", args...)
	return err
}

// table prints a list: columns for people, or values for a script.
func (a *admin) table(values any, head string, rows [][]string) error {
	if a.asJSON {
		return printJSON(a.w, values)
	}
	t := tabwriter.NewWriter(a.w.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.ReplaceAll(head, " ", "\t"))
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	return t.Flush()
}

// maxSecretInput bounds a password or a key on standard input, in bytes.
const maxSecretInput = 16 << 10

// secretInput reads a password or a key from standard input: the first line.
func (a *admin) secretInput(what string) (string, error) {
	body, err := io.ReadAll(io.LimitReader(a.w.In, maxSecretInput))
	if err != nil {
		return "", fmt.Errorf("reading the %s from standard input: %w", what, err)
	}
	line, rest, _ := strings.Cut(strings.TrimRight(string(body), "\r\n"), "\n")
	line = strings.TrimRight(line, "\r")
	switch {
	case line == "":
		return "", fmt.Errorf("there is no %s on standard input: give it as one line", what)
	case strings.TrimSpace(rest) != "":
		return "", fmt.Errorf("standard input has more than one line: give the %s as one line", what)
	}
	return line, nil
}

// parseLife reads a lifetime as 90d, 12h or 30m, and "" or "never" as none.
func parseLife(text string, now time.Time) (time.Time, error) {
	if text == "" || text == "never" {
		return time.Time{}, nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * 24 * float64(time.Hour))
	}
	if err != nil || d <= 0 || d > 100*365*24*time.Hour {
		return time.Time{}, fmt.Errorf("--expires %q: it must be a time from now as 90d, 12h or 30m", text)
	}
	return now.Add(d), nil
}

func parseRole(text string) (ballast.Role, error) {
	r := ballast.Role(text)
	if !r.Valid() {
		return r, fmt.Errorf("--role %q: it must be admin, member or viewer", text)
	}
	return r, nil
}

// entityOf finds a team or an organization by name.
func entityOf(tx *meta.Tx, name string, kind ballast.EntityKind) (ballast.Entity, error) {
	word := map[ballast.EntityKind]string{ballast.Team: "team", ballast.Organization: "organization"}[kind]
	e, err := tx.EntityByName(name)
	if err == nil && e.Kind != kind {
		err = ballast.Errorf(ballast.NotFound, "%s exists and is no %s", name, word)
	}
	if ballast.Is(err, ballast.NotFound) && e.ID == 0 {
		err = ballast.Errorf(ballast.NotFound, "there is no %s %s", word, name)
	}
	return e, err
}

// userOf finds a user or a service account by name.
func userOf(tx *meta.Tx, name string) (ballast.User, error) {
	u, err := tx.UserByName(name)
	if ballast.Is(err, ballast.NotFound) {
		err = ballast.Errorf(ballast.NotFound, "there is no user %s; \"ballast admin user list\" prints those there are", name)
	}
	return u, err
}

// when is a time for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

// stamp is a time for scripts, nil for none.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}

var errNothing = errors.New("nothing to change was given; --help lists what can be")
