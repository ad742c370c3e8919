package graph

import "github.com/prometheus/client_golang/prometheus"

func newUnasked() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ballast_graphql_unasked_fields_total", Help: "Fields that clients select without being asked to and that are null here, by field.",
	}, []string{"field"})
}

// Collectors returns the metrics, to be registered by whoever serves them.
func (g *Graph) Collectors() []prometheus.Collector { return []prometheus.Collector{g.unasked} }
