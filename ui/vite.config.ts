import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server sends everything under assets/ as immutable and the page itself as never stored.
// Nothing is inlined: the content security policy allows only files of our own origin.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    sourcemap: false,
    reportCompressedSize: false,
    emptyOutDir: false,
    // The app, and the pages that run in frames (docs/design/086). They share nothing: a frame loads what it needs.
    rollupOptions: { input: ['index.html', 'frame/chart.html', 'frame/plotly.html', 'frame/object.html', 'frame/molecule.html'] },
  },
  server: { proxy: Object.fromEntries(['/api', '/graphql', '/storage', '/files'].map((p) => [p, process.env.BALLAST_DEV ?? 'http://127.0.0.1:8080'])) },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
