package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// call sends JSON to the server as its user and returns the answer's body.
func (s *Server) call(ctx context.Context, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("api", s.Key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("POST %s: status %d: %.300s", path, res.StatusCode, answer)
	}
	return answer, err
}

// graphql asks and fills data.
func (s *Server) graphql(ctx context.Context, query string, variables map[string]any, data any) error {
	answer, err := s.call(ctx, "/graphql", map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	reply := struct {
		Data   any
		Errors []struct{ Message string }
	}{Data: data}
	if err := json.Unmarshal(answer, &reply); err != nil {
		return fmt.Errorf("the answer to %.60q: %w: %.200s", query, err, answer)
	}
	if len(reply.Errors) > 0 {
		return fmt.Errorf("%.60q: %s", query, reply.Errors[0].Message)
	}
	return nil
}

// panelOf is the head of a packed chart (docs/format/panel-v1.md).
type panelOf struct {
	Grid struct{ N int }
	Runs []struct {
		Mode  string
		N     int
		Total int64
	}
	Groups []struct {
		N     int
		Total int64
	}
}

// panel asks for a chart and returns its head and its size.
func (s *Server) panel(ctx context.Context, ask map[string]any) (*panelOf, int, error) {
	b, err := s.call(ctx, "/api/panel", ask)
	if err != nil {
		return nil, 0, err
	}
	if len(b) < 8 {
		return nil, 0, fmt.Errorf("a chart of %d bytes", len(b))
	}
	n := int(b[4]) | int(b[5])<<8 | int(b[6])<<16 | int(b[7])<<24
	var p panelOf
	if n > len(b)-8 {
		return nil, 0, fmt.Errorf("a chart of %d bytes whose head has %d", len(b), n)
	}
	return &p, len(b), json.Unmarshal(b[8:8+n], &p)
}
