package server

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/ballast-ml/ballast"
)

// limiter holds a token bucket for each of the callers seen lately.
type limiter struct {
	rate    rate.Limit
	burst   int
	buckets *lru.Cache[string, *rate.Limiter]
	shared  Tokens // nil: each replica counts for itself
}

// Tokens takes one of a caller's tokens that all replicas share, and says how
// many are left. ok is false when that is not known just now.
type Tokens func(ctx context.Context, who string, perSecond float64, burst int) (left float64, taken, ok bool)

// newLimiter returns nil, which limits nothing, for a rate of 0.
func newLimiter(perSecond float64, burst int, shared Tokens) *limiter {
	if perSecond <= 0 {
		return nil
	}
	if burst <= 0 {
		burst = max(1, int(10*perSecond))
	}
	buckets, err := lru.New[string, *rate.Limiter](20_000)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &limiter{rate: rate.Limit(perSecond), burst: burst, buckets: buckets, shared: shared}
}

// take uses one token of a caller. The state is told in the headers that the
// SDK paces its file stream by: remaining is scaled to 0..1000, reset is in
// seconds (PRODUCT section 7).
func (l *limiter) take(ctx context.Context, w http.ResponseWriter, who string, now time.Time) error {
	if l == nil {
		return nil
	}
	left, allowed := l.token(ctx, who, now)
	full := (float64(l.burst) - left) / float64(l.rate)
	h := w.Header()
	h.Set("RateLimit-Limit", strconv.Itoa(l.burst))
	h.Set("RateLimit-Remaining", strconv.Itoa(int(1000*left/float64(l.burst))))
	h.Set("RateLimit-Reset", strconv.Itoa(int(math.Ceil(full))))
	if allowed {
		return nil
	}
	wait := int(math.Ceil((1 - left) / float64(l.rate)))
	h.Set("Retry-After", strconv.Itoa(max(1, wait)))
	return ballast.Errorf(ballast.Busy, "too many requests: at most %g a second are allowed; wait %d s", float64(l.rate), max(1, wait))
}

// token takes a shared token, or one of this replica's when those cannot be
// counted.
func (l *limiter) token(ctx context.Context, who string, now time.Time) (left float64, allowed bool) {
	if l.shared != nil {
		if left, taken, ok := l.shared(ctx, who, float64(l.rate), l.burst); ok {
			return left, taken
		}
	}
	b, ok := l.buckets.Get(who)
	if !ok {
		b = rate.NewLimiter(l.rate, l.burst)
		if earlier, found, _ := l.buckets.PeekOrAdd(who, b); found {
			b = earlier
		}
	}
	allowed = b.AllowN(now, 1)
	return max(0, b.TokensAt(now)), allowed
}
