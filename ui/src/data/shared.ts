// What a public link shows. Its token is behind the # of the address, which no server sees; it goes in a header.
import { queryOptions } from '@tanstack/react-query';
import { json } from './client';
import { openShare } from './share';

export type Shared = { project: string; description: string; expires: string | null; view: { name: string; title: string; spec: string } | null; run: { name: string; display: string; state: string; created: string; ordinal: number; notes: string; config: Record<string, { value: unknown }> | null } | null };

export const sharedQuery = (token: string) =>
  queryOptions({
    queryKey: ['shared', token],
    retry: false,
    staleTime: 60_000,
    queryFn: ({ signal }) => {
      openShare(token);
      return json<Shared>('/api/shared', {}, { signal });
    },
  });
