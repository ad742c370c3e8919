package stub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// World is what exists: what the resources of one test made, and what was there.
type World struct {
	Records []*Record
	Serial  int      // of the id given last
	Made    int      // resources created so far
	Break   int      // creations after which every further one fails; 0: never
	Spent   []string // names that AWS does not give again at once: deleted secrets, snapshots
}

// Record is one thing that exists.
type Record struct {
	Type  string
	ID    string
	Attrs map[string]any
}

// Change reads the world's file, lets f change it, and writes it unless f
// fails. One process at a time does so.
func Change(path string, f func(*World) error) error {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("opening the lock of the world: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking the world: %w", err)
	}
	w := &World{}
	body, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the world: %w", err)
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, w); err != nil {
			return fmt.Errorf("reading the world: %w", err)
		}
	}
	if err := f(w); err != nil {
		return err
	}
	if body, err = json.Marshal(w); err != nil {
		return fmt.Errorf("writing the world: %w", err)
	}
	return os.WriteFile(path, body, 0o600)
}

// Find returns the thing of a type with an id; nil when there is none.
func (w *World) Find(kind, id string) *Record {
	for _, r := range w.Records {
		if r.Type == kind && r.ID == id {
			return r
		}
	}
	return nil
}

// Of returns the things of a type.
func (w *World) Of(kind string) []*Record {
	var out []*Record
	for _, r := range w.Records {
		if r.Type == kind {
			out = append(out, r)
		}
	}
	return out
}

// by returns the thing of a type whose attribute has a value; nil when none has.
func (w *World) by(kind, attr, value string) *Record {
	for _, r := range w.Of(kind) {
		if r.Attrs[attr] == value && value != "" {
			return r
		}
	}
	return nil
}

func (w *World) remove(kind, id string) {
	w.Records = slices.DeleteFunc(w.Records, func(r *Record) bool { return r.Type == kind && r.ID == id })
}

// next is a new id's distinguishing part, 17 digits as AWS's.
func (w *World) next() string {
	w.Serial++
	return fmt.Sprintf("%017s", strconv.FormatInt(int64(w.Serial), 16))
}

// text is an attribute's text; "" when it is unknown, null or no text.
func (r *Record) text(name string) string { return text(r.Attrs, name) }

func text(attrs map[string]any, name string) string {
	s, _ := attrs[name].(string)
	return s
}

func number(attrs map[string]any, name string) (float64, bool) {
	n, ok := attrs[name].(float64)
	return n, ok
}

// texts is a list's texts, without what is unknown.
func texts(v any) []string {
	var out []string
	l, _ := v.([]any)
	for _, e := range l {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// blocks is a list's objects.
func blocks(v any) []map[string]any {
	var out []map[string]any
	if m, ok := v.(map[string]any); ok {
		return []map[string]any{m}
	}
	l, _ := v.([]any)
	for _, e := range l {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
