// The entry: styles, the cache of what the server owns, the router.
import './tokens.css';
import './base.css';
import 'uplot/dist/uPlot.min.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './data/cache';
import { titleWhatIsCut } from './parts/cut';
import { fetchScreens, router } from './routes';

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
titleWhatIsCut();
setTimeout(fetchScreens, 1500); // after the first picture
