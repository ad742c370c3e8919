// The one door to the server: JSON, GraphQL and packed bytes over the session cookie.

import { throughShare } from './share';

/** A refusal or failure, in the server's words, with the id of the request for whoever looks into it. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly request?: string,
    /** The server's word for the sort of failure, "damaged" for instance. */
    readonly kind?: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Runs when the server says that nobody is signed in. Set once by the shell. */
export const onSignedOut: { run: () => void } = { run: () => undefined };

async function failure(res: Response): Promise<ApiError> {
  let text = '';
  let kind: string | undefined;
  let request = res.headers.get('X-Request-Id') ?? undefined;
  try {
    const body = (await res.json()) as { error?: string; request?: string; kind?: string; errors?: { message: string }[] };
    text = body.error ?? body.errors?.[0]?.message ?? '';
    request = body.request ?? request;
    kind = body.kind;
  } catch {
    // The body was no JSON: a proxy's page, or nothing. The status has to do.
  }
  if (!text) text = res.status === 502 || res.status === 503 || res.status === 504 ? 'The server is not reachable at the moment.' : `The server answered ${res.status}.`;
  return new ApiError(text, res.status, request, kind);
}

/** fetch with our header and errors; a lost connection becomes an ApiError of status 0. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let res: Response;
  try {
    const to = throughShare(path);
    res = await fetch(to.path, { ...init, credentials: 'same-origin', headers: { 'X-Ballast': '1', ...to.headers, ...init.headers } });
  } catch (e) {
    if ((e as Error).name === 'AbortError') throw e;
    throw new ApiError('The server does not answer. Is the network up?', 0);
  }
  if (res.ok) return res;
  const err = await failure(res);
  if (res.status === 401 && path !== '/api/session') onSignedOut.run();
  throw err;
}

/** Reads an answer's body; one that breaks off is a lost connection too. */
export async function whole<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (e) {
    if ((e as Error).name === 'AbortError') throw e;
    throw new ApiError('The answer of the server broke off. Is the network up?', 0);
  }
}

/** A JSON answer. A body makes it a POST. */
export async function json<T>(path: string, body?: unknown, init: RequestInit = {}): Promise<T> {
  const res = await send(path, body === undefined ? init : { method: 'POST', body: JSON.stringify(body), ...init, headers: { 'Content-Type': 'application/json', ...init.headers } });
  if (res.status === 204) return undefined as T;
  return whole<T>(res.json());
}

// A GraphQL error says its kind by a word; the screens think in statuses (docs/design/021).
const KINDS: Record<string, number> = { INVALID: 400, DENIED: 403, NOT_FOUND: 404, CONFLICT: 409, INTERNAL: 500, DAMAGED: 500 };

// What a browser sends on after its page is gone is bounded at 64 KiB by the Fetch standard.
const MOST_KEPT = 60_000;

/** A GraphQL answer; the first error of the list is thrown. `outlives`: it is sent even when the page is left. */
export async function graphql<T>(query: string, variables: Record<string, unknown> = {}, signal?: AbortSignal, outlives = false): Promise<T> {
  const sent = JSON.stringify({ query, variables });
  const res = await send('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: sent, keepalive: outlives && sent.length < MOST_KEPT, ...(signal ? { signal } : {}) });
  const body = await whole<{ data?: T | null; errors?: { message: string; extensions?: { code?: string } }[] }>(res.json());
  const err = body.errors?.[0], code = err?.extensions?.code ?? '';
  if (err) throw new ApiError(err.message, KINDS[code] ?? 200, res.headers.get('X-Request-Id') ?? undefined, code.toLowerCase().replaceAll('_', ' '));
  if (!body.data) throw new ApiError('The server sent an empty answer.', 200);
  return body.data;
}

/** A failure that trying again may cure. What is damaged stays so. */
export const transient = (e: unknown): boolean => e instanceof ApiError && e.kind !== 'damaged' && (e.status === 0 || e.status === 429 || e.status >= 500);
