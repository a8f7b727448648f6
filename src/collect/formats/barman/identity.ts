import { z } from 'zod';
import { SourceError } from '../../../model/source-error.ts';

const identity = z.object({ systemid: z.string().regex(/^\d{1,20}$/) });

/** No `identity.json` is larger. Bytes. */
export const LARGEST_IDENTITY = 64 * 1024;

/**
 * The system identifier that a server's `identity.json` binds its directory to, as decimal text: Barman refuses WAL
 * and backups of another one (barman/server.py, check_systemid).
 *
 * @throws SourceError when it is damaged
 */
export function parseIdentity(bytes: Uint8Array): string {
  try {
    return identity.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).systemid;
  } catch (error) {
    const remedy = 'Run "barman check" for this server: it says whether the identity file is right.';
    throw new SourceError('malformed', 'identity.json is damaged: it has no system identifier', remedy, {
      cause: error,
    });
  }
}
