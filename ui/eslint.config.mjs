import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// A place is one folder of screens, named as in the address. It may import runset, panel, chart, data and parts, never another
// place; the rooms below it never import a place. The Go rooms have the same test (arch_test.go).
const PLACES = ['home', 'signin', 'setup', 'project', 'workspace', 'table', 'run', 'settings', 'system', 'shared', 'report', 'artifact'];
const forbid = (names) => ({
  'no-restricted-imports': ['error', { patterns: names.map((n) => ({ group: [`../${n}/*`, `../${n}`, `../../${n}/*`], message: `this room may not import ${n}/ (ui/README.md)` })) }],
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'public/**', 'tools/**'] },
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // typed-array and bounded-loop reads
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off', // json<void>: an answer without a body
      'no-console': 'error',
      'max-lines': ['error', { max: 420, skipBlankLines: true }],
    },
  },
  ...PLACES.map((p) => ({ files: [`src/${p}/**`], rules: forbid([...PLACES.filter((q) => q !== p), 'shell']) })),
  // runset is the list of runs behind a board: which are found, grouped, drawn, and with what strokes.
  { files: ['src/runset/**'], rules: forbid([...PLACES, 'shell']) },
  // panel/table is a kind of panel, not the place.
  { files: ['src/panel/**'], rules: forbid([...PLACES.filter((p) => p !== 'table'), 'shell']) },
  { files: ['src/chart/**'], rules: forbid([...PLACES, 'shell', 'panel']) },
  { files: ['src/parts/**'], rules: forbid([...PLACES, 'shell', 'panel', 'chart']) },
  { files: ['src/data/**'], rules: forbid([...PLACES, 'shell', 'panel', 'chart', 'parts']) },
);
