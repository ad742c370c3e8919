package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ballast-ml/ballast"
)

// present turns a resolver's error into what the client sees: the text of a
// ballast.Error, "internal error" for a fault of ours. It also notes the kind,
// which may decide the HTTP status.
func (g *Graph) present(ctx context.Context, err error) *gqlerror.Error {
	whole := err.Error() // err may be out itself, which is changed below
	out := graphql.DefaultErrorPresenter(ctx, err)
	var known *ballast.Error
	var parsed *gqlerror.Error
	switch {
	case errors.As(err, &known):
		out.Message = known.Text
	case errors.As(err, &parsed) && parsed.Err == nil:
		// The engine's own: the text does not fit the schema.
		visiting(ctx).note(ballast.Invalid)
		return out
	case ctx.Err() != nil:
		known = &ballast.Error{Kind: ballast.Unavailable, Text: "the request was given up", Cause: err}
		out.Message = known.Text
	default:
		known = &ballast.Error{Kind: ballast.Internal, Cause: err}
	}
	if known.Kind == ballast.Internal {
		out.Message = "internal error"
	}
	if known.Kind == ballast.Internal || known.Kind == ballast.Unavailable || known.Kind == ballast.Damaged {
		g.log.ErrorContext(ctx, "graphql", "path", out.Path.String(), "error", whole)
	}
	out.Err = nil
	out.Extensions = map[string]any{"code": code(known.Kind)}
	visiting(ctx).note(known.Kind)
	return out
}

// code is how a kind is named in extensions.code: "NOT_FOUND".
func code(k ballast.Kind) string {
	return strings.ToUpper(strings.ReplaceAll(k.String(), " ", "_"))
}

// recovered is called when a resolver panicked.
func (g *Graph) recovered(ctx context.Context, fault any) error {
	g.log.ErrorContext(ctx, "graphql: panic", "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
	return ballast.Errorf(ballast.Internal, "internal error")
}

// refuse answers a request that was not executed.
func refuse(err error) Response {
	var known *ballast.Error
	if !errors.As(err, &known) {
		known = ballast.Errorf(ballast.Internal, "internal error")
	}
	list := gqlerror.List{{Message: known.Text, Extensions: map[string]any{"code": code(known.Kind)}}}
	return Response{Body: encode(list, nil), Failed: true, Kind: known.Kind}
}

// answer decides between 200 and a failure (docs/design/021): a fault that
// passes must not look final, so one of them anywhere fails the whole request;
// nobody signed in is 401; and upsertBucket fails as a whole, because the SDK
// tells final refusals from others by the status (PROTOCOL sections 1.5, 2.1).
func (g *Graph) answer(v *visit, op *graphql.OperationContext, resp *graphql.Response) Response {
	if resp == nil { // the caller went away
		return refuse(ballast.Errorf(ballast.Unavailable, "the request was given up"))
	}
	out := Response{Body: encode(resp.Errors, resp.Data)}
	worst, any := v.worst()
	switch {
	case !any:
		return out
	case worst == ballast.Unavailable, worst == ballast.Busy, worst == ballast.Unsigned:
		out.Failed = true
	case op.Operation != nil && upserts(op.Operation) && !validation(resp.Errors):
		out.Failed = true
	}
	if out.Failed {
		out.Kind = worst
		out.Body = encode(resp.Errors, nil)
	}
	return out
}

// upserts reports whether an operation creates or changes a run.
func upserts(op *ast.OperationDefinition) bool {
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); ok && f.Name == "upsertBucket" {
			return true
		}
	}
	return false
}

// validation reports whether the engine refused the text itself.
func validation(errs gqlerror.List) bool {
	return len(errs) > 0 && errs[0].Rule != ""
}

// encode is the body of a response. data is valid JSON already.
func encode(errs gqlerror.List, data json.RawMessage) []byte {
	var b bytes.Buffer
	b.Grow(len(data) + 64)
	b.WriteByte('{')
	if len(errs) > 0 {
		list, err := json.Marshal(errs)
		if err != nil {
			list = []byte(`[{"message":"internal error"}]`)
		}
		b.WriteString(`"errors":`)
		b.Write(list)
		b.WriteByte(',')
	}
	b.WriteString(`"data":`)
	if len(data) == 0 {
		data = json.RawMessage("null")
	}
	b.Write(data)
	b.WriteByte('}')
	return b.Bytes()
}
