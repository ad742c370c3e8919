// The sample project.
import { queryClient } from './cache';
import { json } from './client';

/** Makes the sample project of a person or a team, or completes it. */
export async function makeDemo(entity: string): Promise<{ entity: string; project: string; added: number }> {
  const made = await json<{ entity: string; project: string; added: number }>('/api/demo', { entity });
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['projects'] }), queryClient.invalidateQueries({ queryKey: ['project', made.entity, made.project] })]);
  return made;
}
