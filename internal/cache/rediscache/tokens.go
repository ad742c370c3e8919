package rediscache

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// bucket takes a token out of a bucket that fills at a rate, by Redis's own
// clock, and returns whether there was one and how many are left.
var bucket = redis.NewScript(`
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] + t[2] / 1e6
local was = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(was[1]) or burst, tonumber(was[2]) or now
left = math.min(burst, left + math.max(0, now - at) * rate)
local taken = 0
if left >= 1 then
  left = left - 1
  taken = 1
end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return {taken, tostring(left)}`)

// Take takes one of a caller's tokens, which all replicas share: burst at most,
// rate new ones a second. ok is false while Redis does not answer.
func (c *Cache) Take(ctx context.Context, who string, rate float64, burst int) (left float64, taken, ok bool) {
	if c.resting() {
		return 0, false, false
	}
	within, cancel := context.WithTimeout(ctx, patience(0))
	defer cancel()
	reply, err := bucket.Run(within, c.client, []string{keyPrefix + "tokens/" + who}, rate, burst).Slice()
	if c.ended(err, "counting requests") != done || len(reply) != 2 {
		return 0, false, false
	}
	n, _ := reply[0].(int64)
	text, _ := reply[1].(string)
	left, err = strconv.ParseFloat(text, 64)
	return left, n == 1, err == nil
}
