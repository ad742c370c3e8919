package system

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
	"github.com/ballast-ml/ballast/internal/meta"
	"github.com/ballast-ml/ballast/internal/meta/metatest"
)

// trial is a store with a change of crash-after on trial, made a while ago.
func trial(t *testing.T, ago time.Duration, o Options) *System {
	t.Helper()
	base, err := config.Load(config.Sources{Flags: map[string]string{"revert-after": "1m"}})
	if err != nil {
		t.Fatal(err)
	}
	s := New(metatest.Open(t), base, o)
	err = s.db.Write(t.Context(), "change", func(tx *meta.Tx) error {
		_, err := tx.ChangeSettings(0, "ada", []ballast.SettingChange{{Name: "crash-after", Held: "7m", Now: "7m"}}, time.Now().Add(-ago))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *System) last(t *testing.T) ballast.SettingRevision {
	t.Helper()
	now, err := s.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now.Log[0]
}

// TestAttemptEnds: an attempt at what never answers is broken off, and the
// trial ends with its reason.
func TestAttemptEnds(t *testing.T) {
	s := trial(t, 0, Options{})
	s.base.RevertAfter = 50 * time.Millisecond
	f := follower{System: s, held: Held{}, least: 100 * time.Millisecond, apply: func(ctx context.Context, _ *config.Config) error {
		select {
		case <-ctx.Done():
			return errors.New("the bucket does not answer")
		case <-time.After(20 * time.Second):
			return nil
		}
	}}
	if err := f.look(t.Context()); err != nil {
		t.Error(err)
	}
	if r := s.last(t); r.State != ballast.SettingsReverted || r.Reason != "the bucket does not answer" {
		t.Errorf("after the attempt: %+v", r)
	}
}

// TestTrialAfterRestarts: a process that starts again and again counts the time
// from the change, and does not try what it never survived once more.
func TestTrialAfterRestarts(t *testing.T) {
	s := trial(t, 2*time.Minute, Options{})
	f := follower{System: s, held: Held{}, least: least, apply: func(context.Context, *config.Config) error {
		t.Error("it was tried again")
		return nil
	}}
	if err := f.look(t.Context()); err != nil {
		t.Error(err)
	}
	if r := s.last(t); r.State != ballast.SettingsReverted || !strings.Contains(r.Reason, "within 1m0s") {
		t.Errorf("after the start: %+v", r)
	}
}

// TestTrialGoesOn: what fails within the time allowed is tried again.
func TestTrialGoesOn(t *testing.T) {
	s := trial(t, 10*time.Second, Options{})
	fault := errors.New("not yet")
	f := follower{System: s, held: Held{}, least: least, apply: func(context.Context, *config.Config) error { return fault }}
	if err := f.look(t.Context()); !errors.Is(err, fault) {
		t.Error(err)
	}
	if r := s.last(t); r.State != ballast.SettingsOnTrial {
		t.Errorf("after an attempt: %+v", r)
	}
	fault = nil
	if err := f.look(t.Context()); err != nil {
		t.Error(err)
	}
	if r := s.last(t); r.State != ballast.SettingsKept {
		t.Errorf("after a good attempt: %+v", r)
	}
}

func TestRevert(t *testing.T) {
	s := trial(t, 0, Options{})
	if _, err := s.Revert(t.Context(), "by hand"); err != nil {
		t.Error(err)
	}
	if r := s.last(t); r.State != ballast.SettingsReverted || r.Reason != "by hand" {
		t.Errorf("taken back: %+v", r)
	}
	if _, err := s.Revert(t.Context(), "again"); !ballast.Is(err, ballast.NotFound) {
		t.Errorf("taken back twice: %v", err)
	}
}
