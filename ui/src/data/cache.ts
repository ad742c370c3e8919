// TanStack Query's cache: what the server owns, but for series (series.ts).
import { QueryClient } from '@tanstack/react-query';
import { transient } from './client';

export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 20_000, retry: (n, e) => n < 3 && transient(e), retryDelay: (n) => Math.min(8000, 500 * 2 ** n), refetchOnWindowFocus: true } },
});
