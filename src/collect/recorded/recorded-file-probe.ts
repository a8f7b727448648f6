import { type FileProbe, OneFileError } from '../stores/file-probe.ts';
import type { FileSampleLine } from './file-sample-line.ts';

/**
 * Tells of files what the host that was asked found of them.
 *
 * @param host as it calls itself: what tells files with several names apart does so on one host
 */
export function recordedFileProbe({ store, files, blindSpot }: FileSampleLine, host: string): FileProbe {
  const known = new Map(files.map((file) => [file.objectKey, file]));
  return {
    locator: store,
    source: 'install host',
    async look(key) {
      const file = known.get(key);
      if (file === undefined || file.is === null) {
        const { reason, detail, remedy } = blindSpot ?? NOT_LOOKED;
        throw new OneFileError(reason, detail, remedy);
      }
      if (file.is !== 'found') return { is: file.is };
      const { size, modifiedAt, linked } = file;
      const shared = linked === undefined ? {} : { linked: `${host} ${linked}` };
      const written = modifiedAt === null ? {} : { modifiedAt };
      return { is: 'found', bytes: size, ...written, ...shared, sha256: null, copied: null, locked: false };
    },
    checksum: (key) => Promise.resolve(known.get(key)?.digest ?? null),
  };
}

const NOT_LOOKED = {
  reason: 'not-asked',
  detail: 'the install host did not look for this file',
  remedy: 'Collect there again: recoverage collect --plan.',
} as const;
