// Computes importance beside the page.
import { importance, type Param, type Result } from './forest';

addEventListener('message', (e: MessageEvent<{ n: number; params: Param[]; target: number[] }>) => {
  postMessage({ n: e.data.n, result: importance(e.data.params, e.data.target) } satisfies { n: number; result: Result });
});
