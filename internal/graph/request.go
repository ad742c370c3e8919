package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ballast-ml/ballast"
	"github.com/ballast-ml/ballast/internal/graph/generated"
)

// Call is one request as it came over HTTP. Who is calling is in the context
// (auth.WithCaller).
type Call struct {
	Body []byte // {"query","variables","operationName"}, at most MaxBody
	// Shared says that several processes write to the run: the header
	// X-WANDB-USE-ASYNC-FILESTREAM is "true".
	Shared bool
}

// Response is the answer to a Call.
type Response struct {
	Body []byte // JSON
	// Failed says that the HTTP status is the one of Kind; otherwise it is 200,
	// also when the body lists errors (docs/design/021).
	Failed    bool
	Kind      ballast.Kind
	Operation string // the name that the text gives to the operation, "" for none or when the text was refused
}

// Do answers a request. It never panics and always returns a body.
func (g *Graph) Do(ctx context.Context, call Call) Response {
	params, err := decode(call.Body)
	if err == nil {
		err = checkText(params.Query)
	}
	if err != nil {
		return refuse(err)
	}
	v := &visit{shared: call.Shared}
	ctx = context.WithValue(graphql.StartOperationTrace(ctx), visitKey{}, v)
	op, errs := g.exec.CreateOperationContext(ctx, params)
	if errs == nil {
		if err := checkCost(op); err != nil {
			return refuse(err)
		}
		next, ctx := g.exec.DispatchOperation(ctx, op)
		out := g.answer(v, op, next(ctx))
		out.Operation = op.Operation.Name
		return out
	}
	ctx = graphql.WithOperationContext(ctx, op)
	return g.answer(v, op, g.exec.DispatchError(ctx, errs))
}

// decode reads a request's body. An empty operationName, null variables and
// members that nobody knows are fine (PROTOCOL section 0.4).
func decode(body []byte) (*graphql.RawParams, error) {
	var in struct {
		Query         *string        `json:"query"`
		OperationName *string        `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // whole numbers of 64 bits stay exact
	if err := d.Decode(&in); err != nil {
		return nil, ballast.Wrap(ballast.Invalid, err, "the body is not a GraphQL request in JSON: %s", ballast.JSONFault(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, ballast.Errorf(ballast.Invalid, "the body goes on after the GraphQL request")
	}
	if in.Query == nil || *in.Query == "" {
		return nil, ballast.Errorf(ballast.Invalid, `the body has no "query"`)
	}
	return &graphql.RawParams{Query: *in.Query, OperationName: text(in.OperationName), Variables: in.Variables}, nil
}

// newExecutor prepares the engine: documents are parsed once, introspection is
// on (older SDKs probe with it), and every field passes the policy.
func (g *Graph) newExecutor() *executor.Executor {
	e := executor.New(generated.NewExecutableSchema(generated.Config{Resolvers: &root{g}}))
	e.SetQueryCache(newDocuments())
	e.SetParserTokenLimit(maxTokens)
	e.SetErrorPresenter(g.present)
	e.SetRecoverFunc(g.recovered)
	e.Use(extension.Introspection{})
	e.AroundFields(g.guard)
	return e
}

// documents keeps parsed texts. The SDK sends few different ones.
type documents struct {
	docs *lru.Cache[string, *ast.QueryDocument]
}

const (
	maxDocuments    = 500
	maxDocumentText = 16 << 10
)

func newDocuments() *documents {
	docs, _ := lru.New[string, *ast.QueryDocument](maxDocuments) // fails for a size below 1 only
	return &documents{docs}
}

func (d *documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	return d.docs.Get(text)
}

func (d *documents) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) <= maxDocumentText {
		d.docs.Add(text, doc)
	}
}
