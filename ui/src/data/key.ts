// API keys of the signed-in person.
import { queryOptions } from '@tanstack/react-query';
import { queryClient } from './cache';
import { graphql } from './client';

export type ApiKey = { id: string; name: string; description: string | null; hint: string; createdAt: string; expiresAt: string | null; lastUsedAt: string | null };

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => {
    const d = await graphql<{ viewer: { apiKeys: { edges: { node: ApiKey | null }[] } | null } | null }>(
      '{ viewer { id apiKeys { edges { node { id name description hint createdAt expiresAt lastUsedAt } } } } }',
      {},
      signal,
    );
    return (d.viewer?.apiKeys?.edges ?? []).flatMap((e) => (e.node ? [e.node] : []));
  },
});

/** Makes a key and returns its secret: the only time that anybody sees it. */
export async function createKey(name: string, days: number | null): Promise<string> {
  const expiresAt = days === null ? null : new Date(Date.now() + days * 86400_000).toISOString();
  const d = await graphql<{ generateApiKey: { apiKey: { name: string } | null } | null }>('mutation NewKey($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { apiKey { id name } } }', { input: { description: name, ...(expiresAt ? { expiresAt } : {}) } });
  void queryClient.invalidateQueries({ queryKey: ['keys'] });
  return d.generateApiKey?.apiKey?.name ?? '';
}

export async function revokeKey(id: string): Promise<void> {
  await graphql('mutation RevokeKey($input: DeleteApiKeyInput!) { deleteApiKey(input: $input) { success } }', { input: { id } });
  await queryClient.invalidateQueries({ queryKey: ['keys'] });
}
