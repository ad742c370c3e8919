package query

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/klauspost/compress/s2"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/meta"
)

// Answers that replicas share are named by what they were computed from: the
// version of each run that takes part, read from the database in each request.
// So they are as fresh as computed ones, and nothing is ever invalidated.
const (
	sharedTTL = time.Hour
	// maxShared bounds what a shared answer may unfold to, in bytes: the packed
	// form of the largest panel is 10 MB.
	maxShared = 32 << 20
)

// packed is an answer to a panel's question.
type packed interface {
	AppendBinary([]byte) ([]byte, error)
	// lasting reports whether the answer stays true as long as its runs do not
	// change.
	lasting() bool
}

// PackedPanel is Panel in its packed form, out of the cache that replicas share
// when none of the runs changed since it was put there.
func (q *Query) PackedPanel(ctx context.Context, pr PanelRequest) ([]byte, error) {
	if err := pr.check(); err != nil {
		return nil, err
	}
	return q.shared(ctx, pr, nil, func() (packed, error) { return q.Panel(ctx, pr) })
}

// PackedGroups is GroupPanel in its packed form, kept as PackedPanel's is.
func (q *Query) PackedGroups(ctx context.Context, gr GroupRequest) ([]byte, error) {
	pr, _, err := gr.plan()
	if err != nil {
		return nil, err
	}
	return q.shared(ctx, pr, gr.Groups, func() (packed, error) { return q.GroupPanel(ctx, gr) })
}

// shared returns the answer to a question from the cache, or computes it. It
// is kept only when no run changed while it was computed: then all of it
// belongs to the versions in its name.
func (q *Query) shared(ctx context.Context, pr PanelRequest, groups []RunGroup, compute func() (packed, error)) ([]byte, error) {
	if q.opt.Shared == nil {
		return pack(compute())
	}
	name, err := q.sharedName(ctx, pr, groups)
	if err != nil {
		return nil, err
	}
	if kept, ok := q.opt.Shared.Get(ctx, name); ok {
		if body := unfold(kept); body != nil {
			return body, nil
		}
	}
	p, err := compute()
	body, err := pack(p, err)
	if err != nil || !p.lasting() {
		return body, err
	}
	if now, err := q.sharedName(ctx, pr, groups); err == nil && now == name {
		q.opt.Shared.Put(ctx, name, s2.Encode(nil, body), sharedTTL)
	}
	return body, nil
}

func pack(p packed, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return p.AppendBinary(nil)
}

// unfold returns what is kept, nil when it is not what Put was given.
func unfold(kept []byte) []byte {
	if n, err := s2.DecodedLen(kept); err != nil || n > maxShared {
		return nil
	}
	body, err := s2.Decode(nil, kept)
	if err != nil || !bytes.HasPrefix(body, []byte(panelMagic)) && !bytes.HasPrefix(body, []byte(groupMagic)) {
		return nil
	}
	return body
}

// sharedName hashes the question and the state of each run it is about. The
// time of a run's last change is in it beside its version, so that a database
// put back to a backup does not find what was kept of the versions after it.
func (q *Query) sharedName(ctx context.Context, pr PanelRequest, groups []RunGroup) (string, error) {
	refs, err := q.runRefs(ctx, pr.ProjectID, pr.Runs)
	if err != nil {
		return "", err
	}
	states := make([]meta.RunRef, len(pr.Runs)) // zero: no such run
	for i, name := range pr.Runs {
		states[i] = refs[name]
	}
	text, err := json.Marshal(struct {
		Ask    PanelRequest
		Groups []RunGroup
		States []meta.RunRef
	}{pr, groups, states})
	if err != nil {
		return "", ballast.Wrap(ballast.Internal, err, "naming a panel of %d runs", len(pr.Runs))
	}
	sum := sha256.Sum256(text)
	return "query/panel/1/" + hex.EncodeToString(sum[:]), nil
}

// lasting is false of damage: a repair changes no version.
func (p *Panel) lasting() bool {
	for i := range p.Runs {
		if p.Runs[i].Damaged != "" {
			return false
		}
	}
	return true
}

func (p *GroupPanel) lasting() bool { return true }
