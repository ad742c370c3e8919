package rediscache

import "github.com/prometheus/client_golang/prometheus"

// metrics of the cache:
//
//	ballast_cache_reads_total{outcome}  hit, miss, away (Redis did not answer)
//	ballast_cache_up                    1 while Redis answers, else 0
type metrics struct {
	requests *prometheus.CounterVec
	up       prometheus.GaugeFunc
}

func newMetrics(c *Cache) metrics {
	return metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ballast_cache_reads_total", Help: "Reads of the cache in Redis by outcome."}, []string{"outcome"}),
		up: prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ballast_cache_up", Help: "1 while Redis answers."}, func() float64 {
			if c.Fault() != "" {
				return 0
			}
			return 1
		}),
	}
}

func (m *metrics) count(outcome string) { m.requests.WithLabelValues(outcome).Inc() }
