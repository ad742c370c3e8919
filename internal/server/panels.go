package server

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/query"
)

const (
	// mostTogether is how many panels one request may ask for.
	mostTogether = 16
	// togetherFor is for how long panels of one request are begun: a request
	// has an end, and one slow panel must not take it from the others.
	togetherFor = 20 * time.Second
	// panelsMagic starts an answer of several panels, version 1
	// (docs/format/panels-v1.md).
	panelsMagic = "BPS1"
)

// errLate ends an answer whose time is up.
var errLate = errors.New("the time for panels of one request is up")

// panelsTogether sends several panels of a project, each as soon as it is read.
// Those that name no runs are of the runs given.
func (s *Server) panelsTogether(w http.ResponseWriter, r *http.Request, p ballast.Project, runs []string, asks []panelAsk) error {
	requests, err := panelRequests(p, runs, asks)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Cache-Control"] = noStore
	h.Set("Content-Type", "application/octet-stream")
	if _, err := w.Write(binary.LittleEndian.AppendUint32([]byte(panelsMagic), uint32(len(requests)))); err != nil {
		return err
	}
	control, end := http.NewResponseController(w), time.Now().Add(togetherFor)
	err = s.Query.PackedPanels(r.Context(), requests, func(body []byte, err error) error {
		part, err := packPart(body, err)
		if err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelWarn, "a panel among several failed", slog.String("request", h.Get("X-Request-Id")), slog.Any("error", err))
		}
		if _, err := w.Write(part); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return errLate
		}
		return nil
	})
	if errors.Is(err, errLate) {
		return nil // who asked sees which panels did not come
	}
	return err
}

// panelRequests reads what is asked for. What no panel can be is refused as a
// whole; what only the reading shows befalls one panel.
func panelRequests(p ballast.Project, runs []string, asks []panelAsk) ([]query.PanelRequest, error) {
	if len(asks) == 0 || len(asks) > mostTogether {
		return nil, ballast.Errorf(ballast.Invalid, "%d panels in one request: 1 to %d are allowed", len(asks), mostTogether)
	}
	requests := make([]query.PanelRequest, len(asks))
	for i := range asks {
		a := &asks[i]
		if a.Groups != nil {
			return nil, ballast.Errorf(ballast.Invalid, "panel %d of %d has groups: such a panel is asked for by itself", i+1, len(asks))
		}
		if a.Runs == nil {
			a.Runs = runs
		}
		var err error
		if requests[i], err = a.request(p); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

// packPart is a panel of an answer with several, or why there is none. The
// error is one of ours, for the log.
func packPart(body []byte, err error) (part []byte, ours error) {
	status := http.StatusOK
	if err != nil {
		err = classify(err)
		kind := ballast.KindOf(err)
		status = statuses[kind]
		body, _ = json.Marshal(map[string]string{"error": textOf(err), "kind": kind.String()})
	}
	part = binary.LittleEndian.AppendUint32(nil, uint32(status))
	part = binary.LittleEndian.AppendUint32(part, uint32(len(body)))
	part = append(part, body...)
	if status < http.StatusInternalServerError {
		return part, nil
	}
	return part, err
}
