import { expect, test } from 'vitest';
import { boxesOf, formatOf, isMedia, itemsOf, stepsOf, tooLarge, valueAt } from './items';

test('one image with its boxes and masks', () => {
  const [i] = itemsOf({ _type: 'image-file', path: 'media/images/a_0_x.png', caption: 'c', width: 8, height: 6, size: 9, boxes: { p: { _type: 'boxes2D', path: 'media/metadata/b.json' } }, masks: { t: { path: 'media/images/mask/m.png' }, bad: 3 } }, 'a', 0);
  expect(i).toMatchObject({ kind: 'image', path: 'media/images/a_0_x.png', caption: 'c', width: 8, boxes: [{ name: 'p', path: 'media/metadata/b.json' }], masks: [{ name: 't', path: 'media/images/mask/m.png' }] });
});

test('lists: by file names, by parts, and by the old rule', () => {
  expect(itemsOf({ _type: 'images/separated', count: 2, filenames: ['media/images/k/x.a_0_1.png', 'y.png'], captions: ['one', 'two'], width: 4, height: 3 }, 'k/x.a', 0).map((i) => [i.path, i.caption, i.width])).toEqual([['media/images/k/x.a_0_1.png', 'one', 4], ['media/images/y.png', 'two', 4]]);
  expect(itemsOf({ _type: 'images/separated', count: 2, format: 'jpg' }, 'k', 7).map((i) => i.path)).toEqual(['media/images/k_7_0.jpg', 'media/images/k_7_1.jpg']);
  expect(itemsOf({ _type: 'audio', count: 1, audio: [{ path: 'media/audio/a.wav', caption: 'tone' }] }, 'k', 0)[0]).toMatchObject({ kind: 'audio', path: 'media/audio/a.wav', caption: 'tone' });
  expect(itemsOf({ _type: 'molecule', filenames: ['media/molecule/m.pdb'], count: 1 }, 'k', 0)[0]).toMatchObject({ kind: 'molecule', path: 'media/molecule/m.pdb' });
});

test('what is no media is left out or said', () => {
  expect(itemsOf(5, 'k', 0)).toEqual([]);
  expect(itemsOf({ a: 1 }, 'k', 0)).toEqual([]);
  expect(itemsOf(null, 'k', 0)).toEqual([]);
  expect(itemsOf({ _type: 'new-thing', path: 'x' }, 'k', 0)[0]).toMatchObject({ kind: 'other', type: 'new-thing' });
  expect(itemsOf({ _type: 'images/separated', count: 1e9 }, 'k', 0)).toHaveLength(1000);
  expect(['media:image-file', 'media:images/separated', 'media:histogram', 'media:table-file', 'number'].map(isMedia)).toEqual([true, true, true, false, false]);
});

test('boxes in fractions and pixels, damaged ones left out', () => {
  const { boxes, labels } = boxesOf({ box_data: [{ position: { minX: 0.1, maxX: 0.2, minY: 0.3, maxY: 0.4 }, class_id: 1, scores: { s: 0.5, bad: 'x' } }, { position: { middle: [10, 20], width: 4, height: 2 }, domain: 'pixel', class_id: 2, box_caption: 'c' }, { position: { minX: 'x' } }], class_labels: { 1: 'cat' } });
  expect(boxes).toEqual([{ position: { minX: 0.1, maxX: 0.2, minY: 0.3, maxY: 0.4 }, fraction: true, classId: 1, caption: '', scores: { s: 0.5 } }, { position: { minX: 8, maxX: 12, minY: 19, maxY: 21 }, fraction: false, classId: 2, caption: 'c', scores: {} }]);
  expect(labels).toEqual({ 1: 'cat' });
  expect(boxesOf('nothing')).toEqual({ boxes: [], labels: {} });
});

test('steps of several runs and the value that stands at one', () => {
  expect(stepsOf([{ values: [{ step: 0 }, { step: 10 }] }, { values: [{ step: 5 }, { step: 10 }] }])).toEqual([0, 5, 10]);
  const v = [{ step: 4 }, { step: 8 }];
  expect([0, 4, 7, 8, 99].map((s) => valueAt(v, s)?.step)).toEqual([4, 4, 4, 8, 8]);
  expect(valueAt([], 3)).toBeUndefined();
});

test('names of forms, and images that are too large to show by themselves', () => {
  expect(['a/b.pts.json', 'x.GLB', 'm.plotly.json', 'none'].map(formatOf)).toEqual(['pts.json', 'glb', 'plotly.json', '']);
  expect([tooLarge({ width: 10_000, height: 10_000 }), tooLarge({ width: 4000, height: 3000 })]).toEqual([true, false]);
});
