package query

import "slices"

// chartType is the type by which the catalogue lists custom charts.
const chartType = "chart"

// defined is what a version of a run's config says of its keys.
type defined struct {
	metrics []metric
	charts  []chart
}

// chart is a custom chart that wandb.plot logged (PRODUCT 2.6), with the keys
// of the tables that it is drawn from.
type chart struct {
	name   string
	tables []string
}

// definedCharts reads a config's _wandb.value.visualize, in order of name.
func definedCharts(config []byte) []chart {
	ex := newExtractor([]field{{source: fromConfig, path: []string{"_wandb", "visualize"}}})
	v := ex.extract(config, nil)[0]
	var charts []chart
	for i, name := range v.keys {
		if kind, _ := v.list[i].member("panel_type"); kind.str != "Vega2" {
			continue
		}
		charts = append(charts, chart{name: name, tables: tableKeys(v.list[i], nil)})
	}
	return charts
}

// tableKeys finds the arguments named tableKey anywhere in a chart's query.
func tableKeys(v value, found []string) []string {
	if name, _ := v.member("name"); v.kind == object && name.str == "tableKey" {
		if key, _ := v.member("value"); key.kind == text && !slices.Contains(found, key.str) {
			found = append(found, key.str)
		}
	}
	for _, e := range v.list {
		found = tableKeys(e, found)
	}
	return found
}
