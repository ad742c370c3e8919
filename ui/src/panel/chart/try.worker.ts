// Tries a chart where it can be stopped: compiles Vega-Lite, runs it once and draws it as a picture. The page ends the
// worker when it takes too long.
import { compile } from 'vega-lite';
import { parse, View, type Spec as VegaSpec } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { logger, noLoader } from '../../frame/vega';
import { isLite, type Spec } from './preset';

export type TryAsk = { n: number; spec: Spec; config: Spec; rows: Record<string, unknown>[] };
export type TryAnswer = { n: number; vega?: VegaSpec; svg?: string; error?: string; said: string[] };

async function attempt({ spec, config, rows }: TryAsk, say: (t: string) => void): Promise<{ vega: VegaSpec; svg: string }> {
  let vega: VegaSpec;
  if (isLite(spec)) {
    const lite = { ...spec, data: spec.data ?? { name: 'wandb' }, datasets: { ...(spec.datasets as object | undefined), wandb: rows } };
    try {
      vega = compile(lite as never, { config: config as never, logger: logger(say) as never }).spec as VegaSpec;
    } catch (e) {
      throw new Error(`Vega-Lite does not understand the spec; look at its marks and encodings. It says: ${(e as Error).message}`);
    }
  } else {
    const data = Array.isArray(spec.data) ? (spec.data as { name?: string }[]) : [];
    const own = data.some((d) => d.name === 'wandb') ? data.map((d) => (d.name === 'wandb' ? { ...d, values: rows, url: undefined } : d)) : [{ name: 'wandb', values: rows }, ...data];
    vega = { ...spec, data: own, config: { ...config, ...(spec.config as object | undefined) } } as VegaSpec;
  }
  const view = new View(parse(vega, undefined, { ast: true } as never), { expr: expressionInterpreter, loader: noLoader(say), logger: logger(say) } as never);
  await view.runAsync();
  await view.resize().runAsync(); // the first pass knew no sizes of its words
  const svg = await view.toSVG();
  view.finalize();
  return { vega, svg };
}

addEventListener('message', (e: MessageEvent<TryAsk>) => {
  const said = new Set<string>();
  const { n } = e.data;
  attempt(e.data, (t) => said.size < 5 && said.add(t)).then(
    (done) => postMessage({ n, ...done, said: [...said] } satisfies TryAnswer),
    (err: unknown) => postMessage({ n, error: err instanceof Error ? err.message : String(err), said: [...said] } satisfies TryAnswer),
  );
});
