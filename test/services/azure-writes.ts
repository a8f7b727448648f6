import { httpRequest } from './http-request.ts';

/*
 * What somebody with the audit's token could try, sent past its guard. The key named in them does not exist, so that each
 * changes nothing even where a token may do it: the service then answers 404.
 */
const NO_KEY = 'recoverage-no-such-key';
const VERSION = '7.4';

const WRITES = [
  ['DELETE', `keys/${NO_KEY}`],
  ['PATCH', `keys/${NO_KEY}/${'0'.repeat(32)}`],
  ['POST', `keys/${NO_KEY}/backup`],
  ['DELETE', `deletedkeys/${NO_KEY}`],
] as const;

/** What the service answers to each of them, as `METHOD path status`. @param ca PEM of the only authority to trust */
export async function triedWrites(address: string, token: string, ca?: string): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const [method, path] of WRITES) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = method === 'PATCH' ? '{"attributes":{"enabled":false}}' : '{}';
    const question = { method, headers, ...(method === 'DELETE' ? {} : { body }), ...(ca === undefined ? {} : { ca }) };
    const { status } = await httpRequest(`${address}/${path}?api-version=${VERSION}`, question);
    answers.push(`${method} ${path} ${status}`);
  }
  return answers;
}

/** How they end where each is refused. */
export const ALL_REFUSED: readonly string[] = WRITES.map(([method, path]) => `${method} ${path} 403`);
