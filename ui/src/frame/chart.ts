// A Vega chart. Expressions are run by the interpreter, and nothing is loaded: data comes with the drawing.
import { parse, View, type Spec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { logger, noLoader } from './vega';
import { listen, root, warn, type Drawing } from './talk';

let view: View | null = null;

async function draw(d: Drawing): Promise<void> {
  view?.finalize();
  view = null;
  root().textContent = '';
  const spec = d.spec as Spec;
  const made = new View(parse(spec, {}, { ast: true }), { expr: expressionInterpreter, loader: noLoader(warn), logger: logger(warn), renderer: 'canvas', hover: true, container: root() } as never);
  view = made;
  await made.runAsync();
}

listen({
  draw,
  ask: async (what) => {
    if (!view) throw new Error('Nothing is drawn yet.');
    return what === 'svg' ? view.toSVG() : view.toImageURL('png', 2);
  },
});
