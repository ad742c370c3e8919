package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/queue"
	"github.com/ballast-ml/ballast/internal/queue/sqlqueue"
)

// maxBundledLog is how much of a log goes into a bundle, in bytes: its end.
const maxBundledLog = 4 << 20

// bundle writes what somebody who helps needs to see, also when the store does
// not open: settings, doctor's findings, jobs given up, the end of the log.
func (a *admin) bundle() *cobra.Command {
	cmd := &cobra.Command{Use: "bundle", Short: "Write what a report of a fault needs into one zip, without secrets", Args: noArgs,
		Long: "Writes a zip with the version, the settings (secrets masked), what doctor finds, the jobs that were given up and, with --log, the end of a log file.\nNames of users, projects and hosts may be in it; values of secret settings are not. Look into it before you pass it on."}
	out := cmd.Flags().String("out", "", "the file to write; ballast-bundle-TIME.zip when empty")
	log := cmd.Flags().String("log", "", "a log file of the server, whose end is put in")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, wrong := load(a.w, cmd.Flags())
		if *out == "" {
			*out = "ballast-bundle-" + time.Now().UTC().Format("20060102-150405") + ".zip"
		}
		b := bundle{cfg: cfg, hide: newHider(cfg), files: map[string]any{}}
		b.gather(cmd.Context(), wrong)
		b.hide.order()
		if err := b.takeLog(*log); err != nil {
			return err
		}
		if err := b.write(*out); err != nil {
			return fmt.Errorf("writing the bundle %s: %w", *out, err)
		}
		return a.say(map[string]string{"bundle": *out}, "%s is written. Look into it before you pass it on.", *out)
	}
	return cmd
}

type bundle struct {
	cfg   *config.Config
	hide  hider
	files map[string]any // by name; what is no string is written as JSON
}

func (b *bundle) gather(ctx context.Context, wrong error) {
	b.files["about.json"] = map[string]any{"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "cpus": runtime.NumCPU(), "time": time.Now().UTC()}
	b.files["settings.json"] = shownSettings(b.cfg)
	d := &doctor{cfg: b.cfg}
	d.settings(wrong)
	if wrong == nil {
		d.examine(ctx)
		b.kept(ctx)
	}
	b.files["doctor.json"] = d.found
}

// kept gathers what is in the store, or says why that is not known.
func (b *bundle) kept(ctx context.Context) {
	b.files["jobs.json"] = []queue.Dead{}
	if isEmpty(b.cfg) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	s, err := openStore(ctx, world{}, b.cfg, false)
	if err != nil {
		b.files["jobs.json"] = map[string]string{"error": err.Error()}
		return
	}
	defer s.db.Close()
	b.files["settings.json"] = shownSettings(s.cfg)
	b.files["jobs.json"] = givenUp(ctx, s)
	secret, err := s.system.Secrets(ctx)
	for _, v := range secret {
		b.hide.value(v)
	}
	if err = errors.Join(err, s.unread); err != nil {
		b.files["settings-of-the-page.txt"] = "they are not in settings.json: " + err.Error()
	}
}

// givenUp lists the jobs that were given up.
func givenUp(ctx context.Context, s *store) any {
	dead, err := sqlqueue.New(s.db).Dead(ctx)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	shown := []shownDead{}
	for _, d := range dead {
		shown = append(shown, shownDead{d.Queue, d.Name, d.Tries, d.Fault})
	}
	return shown
}

func (b *bundle) takeLog(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the log: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading the log: %w", err)
	}
	end := io.NewSectionReader(f, max(0, st.Size()-maxBundledLog), maxBundledLog)
	text, err := io.ReadAll(end)
	if err != nil {
		return fmt.Errorf("reading the log %s: %w", path, err)
	}
	b.files["log.txt"] = string(text)
	return nil
}

// write makes the file, which only its owner reads; an older one stays.
func (b *bundle) write(path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	defer func() { err = errors.Join(err, z.Close(), f.Close()) }()
	for name, content := range b.files {
		text, ok := content.(string)
		if !ok {
			if text, err = b.hide.json(content); err != nil {
				return err
			}
		} else {
			text = b.hide.text(text)
		}
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}
