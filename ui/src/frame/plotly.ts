// A Plotly figure, from the build that needs no compiled code.
import url from 'plotly.js-strict-dist-min/plotly-strict.min.js?url';
import { library } from './script';
import { listen, root, type Drawing } from './talk';

type Library = { newPlot: (root: HTMLElement, data: unknown[], layout: unknown, config: unknown) => Promise<unknown> };

listen({
  draw: async (d: Drawing) => {
    const fig = d.figure as { data?: unknown[]; layout?: Record<string, unknown> };
    if (!fig || !Array.isArray(fig.data)) throw new Error('The file is not a Plotly figure: it has no list "data".');
    const plotly = await library<Library>(url, 'Plotly');
    const template = fig.layout?.template ? {} : { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', font: { color: d.ink } };
    // A figure that brings a template brings its own paper, usually white.
    await plotly.newPlot(root(), fig.data, { margin: { l: 44, r: 14, t: fig.layout?.title ? 38 : 14, b: 34 }, ...template, ...fig.layout, autosize: true, width: undefined, height: undefined }, { responsive: true, displaylogo: false, showLink: false, plotlyServerURL: '' });
  },
});
