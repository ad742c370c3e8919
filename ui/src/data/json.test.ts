import { expect, it } from 'vitest';
import { configOf, parseLoose } from './json';

it('reads bare NaN and infinities, and leaves strings alone', () => {
  expect(parseLoose('{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN, Infinity","d":"q\\"NaN"}')).toEqual({ a: NaN, b: [-Infinity, Infinity], c: 'NaN, Infinity', d: 'q"NaN' });
  expect(parseLoose('{broken')).toBeUndefined();
  expect(parseLoose(null)).toBeUndefined();
});
it('unwraps a config', () => {
  expect(configOf('{"lr":{"value":0.1,"desc":null},"_wandb":{"value":{}},"opt":{"value":{"name":"adam"}}}')).toEqual({ lr: 0.1, opt: { name: 'adam' } });
});
