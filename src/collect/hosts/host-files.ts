import { readFile, stat } from 'node:fs/promises';
import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import { declarationsAbout } from '../declarations.ts';
import { statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { fileCopyEvidence } from './file-copies.ts';
import { keyedDigest, LARGEST_DIGESTED } from './file-digest.ts';

const ELSEWHERE: BlindSpot = {
  reason: 'not-asked',
  detail: 'the collector does not run on the install host, whose files it would have to look at',
  remedy: 'Run the collector on the install host and set install.collectorRunsHere: true.',
};

/**
 * The files and directories that starting the install needs, live and in backup sets. Existence, mode and keyed
 * digest only: both can hold setup secrets.
 */
export async function hostEvidence(collection: Collection, estate: Estate, part: PartBuilder): Promise<void> {
  const { install } = collection.config;
  const subject: Subject = { kind: 'host', key: install.host, organizationId: null, name: install.host };
  part.subjects.push({ subject });
  part.evidence.push(
    statedDomain(collection, subject, { host: install.host }),
    ...declarationsAbout(collection, subject),
  );
  const roles = [
    { role: 'bootstrap', path: install.bootstrapFile },
    { role: 'state-directory', path: install.stateDirectory },
  ] as const;
  for (const { role, path } of roles) {
    part.evidence.push(
      await collection.asker.ask({
        kind: 'host-file',
        subject: subject,
        source: 'install host',
        operation: role === 'bootstrap' ? 'stat and keyed digest' : 'stat',
        locator: path,
        answer: async () =>
          install.collectorRunsHere
            ? { items: [await hostFile(collection, role, path)] }
            : { items: [], blindSpot: ELSEWHERE },
      }),
      ...(await fileCopyEvidence(collection, estate.fileCopies, subject, {
        path,
        digest: role === 'bootstrap',
      })),
    );
  }
}

async function hostFile(
  collection: Collection,
  role: Facts['host-file']['role'],
  path: string,
): Promise<Facts['host-file']> {
  try {
    const found = await stat(path);
    const small = role === 'bootstrap' && found.isFile() && found.size <= LARGEST_DIGESTED;
    return {
      role,
      path,
      exists: true,
      mode: (found.mode & 0o7777).toString(8).padStart(4, '0'),
      digest: small ? keyedDigest(collection.digestKey, await readFile(path)) : null,
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { role, path, exists: false, mode: null, digest: null };
    throw new SourceError(
      'unauthorized',
      `${path} cannot be read (${code ?? 'error'})`,
      'Let the audit user read it: setfacl -m u:recoverage:r on the file, rx on its directories.',
    );
  }
}
