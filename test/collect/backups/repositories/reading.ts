import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PhysicalContents } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { readBorgRepository } from '../../../../src/collect/backups/repositories/borg-repository.ts';
import {
  type RepositoryReading,
  readResticRepository,
} from '../../../../src/collect/backups/repositories/restic-repository.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { SourceError } from '../../../../src/model/source-error.ts';

export const NAMES: ReadonlySet<string> = new Set(['novantra', 'tenant_acme', 'tenant_beta']);

export interface Reading {
  readonly root: string;
  readonly secret?: string | null;
  readonly change?: Partial<RepositoryReading>;
}

/** Reads a repository as a collection would; blind spots carry the words of the error. */
export function readRepository(
  program: 'restic' | 'borg',
  { root, secret = null, change = {} }: Reading,
): Promise<PhysicalContents> {
  const read = program === 'restic' ? readResticRepository : readBorgRepository;
  return read(localDirectoryTree({ root }), {
    depth: 'structure',
    root,
    secret: secret === null ? null : new Secret(secret),
    program: null,
    databaseNames: NAMES,
    declaredServer: null,
    signal: new AbortController().signal,
    blindSpotOf: (error) => {
      if (!(error instanceof SourceError)) throw error;
      return { reason: error.reason, detail: error.message, remedy: error.remedy };
    },
    ...change,
  });
}

/** Writes files by their paths; a path is text or bytes. */
export function plant(root: string, files: readonly (readonly [path: string | Buffer, content: string])[]): void {
  for (const [path, content] of files) {
    const file = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
    mkdirSync(dirname(join(root, path.toString('latin1'))), { recursive: true });
    writeFileSync(file, content);
  }
}

export const HOSTILE_NAMES: readonly (readonly [path: string | Buffer, content: string])[] = [
  ['backups/tenant_acme line\nbreak.dump', 'a'],
  ['backups/tenant_acme {x} ::quote".dump', 'b'],
  ['backups/-tenant_acme.dump', 'c'],
  [Buffer.concat([Buffer.from('backups/tenant_acme-'), Buffer.from([0xff]), Buffer.from('.dump')]), 'd'],
  ['backups/tenant_acme $(touch pwned) `id`.dump', 'e'],
];
