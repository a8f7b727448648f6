import { expect, it } from 'vitest';
import { createAsker } from '../../src/collect/ask.ts';
import { declarationsAbout, strayDeclarations } from '../../src/collect/declarations.ts';
import type { Collection } from '../../src/collect/estate.ts';
import type { Subject, SubjectKind } from '../../src/model/subject.ts';

const { signal } = new AbortController();

function attesting(...subjects: readonly string[]): Collection {
  const attestations = subjects.map((subject, index) => ({
    id: `a${index}`,
    subject,
    statement: 'hsm-vendor-export-done',
    owner: 'ops',
    date: '2026-11-01',
    expires: '2027-05-01',
  }));
  const asker = createAsker(() => '2026-11-22T18:00:00.000Z', [], signal);
  return { attestations, attestationsUsed: new Set(), asker } as unknown as Collection;
}

const subject = (kind: SubjectKind, key: string): Subject => ({ kind, key, organizationId: null, name: key });

it('an attestation is of the id that it names, to the letter; another spelling is told to be of nothing', () => {
  const collection = attesting('keyring:kr_D', 'provider:VAULT-MAIN');
  expect(declarationsAbout(collection, subject('keyring', 'kr_d'))).toEqual([]);
  expect(declarationsAbout(collection, subject('provider', 'vault-main'))).toEqual([]);
  expect(declarationsAbout(collection, subject('keyring', 'kr_D'))).toHaveLength(1);
  expect(strayDeclarations(collection)).toMatchObject([{ subject: { name: 'provider:VAULT-MAIN' } }]);
});

it('names of hosts have no case', () => {
  const collection = attesting('host:Install-1');
  expect(declarationsAbout(collection, subject('host', 'install-1'))).toHaveLength(1);
  expect(strayDeclarations(collection)).toEqual([]);
});
