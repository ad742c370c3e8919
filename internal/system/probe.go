package system

import (
	"context"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/config"
)

// Step is one operation of a test, as it went.
type Step struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Text   string `json:"text,omitempty"` // what was seen, and what to do about it
	Millis int64  `json:"millis"`
	Fix    *Fix   `json:"fix,omitempty"`
	// Browser says that the step is about browsers: the server works without.
	Browser bool `json:"browser,omitempty"`
}

// Fix is a statement to paste elsewhere, names filled in.
type Fix struct {
	Where string `json:"where"`
	Text  string `json:"text"`
}

// Result is how a test went, and what only the browser can do of it.
type Result struct {
	Steps []Step `json:"steps"`
	// Object is stored until the test's second part lists and deletes it, "" for none.
	Object string `json:"object,omitempty"`
	// Put and Get are URLs of the object that the browser tries from its own origin.
	Put string `json:"put,omitempty"`
	Get string `json:"get,omitempty"`
	// Headers must go with Put, as "Name:value".
	Headers []string `json:"headers,omitempty"`
	// CORS is what to paste when the browser is refused.
	CORS *Fix `json:"cors,omitempty"`
}

// Ask says what is tested.
type Ask struct {
	Part   string // the section's name
	Origin string // of the page that asks
	Object string // of the first part: list and delete it
}

// Probe performs the real operations of a part with settings. Refusals are in
// the steps; an error means that there is no such test.
type Probe func(ctx context.Context, cfg *config.Config, ask Ask) (Result, error)

// Test performs the operations of a section with these values over those that
// are in effect. It changes none.
func (s *System) Test(ctx context.Context, values map[string]string, ask Ask) (Result, error) {
	if s.o.Probe == nil {
		return Result{}, ballast.Errorf(ballast.Unsupported, "this server tests no settings")
	}
	cfg, err := s.Try(ctx, values)
	if err != nil {
		return Result{}, err
	}
	return s.o.Probe(ctx, cfg, ask)
}

// Run performs one step. fix is asked for what to paste when it failed.
func (r *Result) Run(name string, do func() (string, error), fix func(error) (string, *Fix)) bool {
	begun := time.Now()
	text, err := do()
	step := Step{Name: name, OK: err == nil, Text: text, Millis: time.Since(begun).Milliseconds()}
	if err != nil {
		step.Text, step.Fix = fix(err)
	}
	r.Steps = append(r.Steps, step)
	return step.OK
}
