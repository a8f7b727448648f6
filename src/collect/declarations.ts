import { createHash } from 'node:crypto';
import type { AnyEvidence } from '../model/evidence.ts';
import { type Subject, subjectId } from '../model/subject.ts';
import type { Collection } from './estate.ts';

/** The attestations about one subject, one record each, so that the expiry of one says nothing about another. */
export function declarationsAbout(collection: Collection, subject: Subject): readonly AnyEvidence[] {
  const names = subject.kind === 'install' ? ['install', subjectId(subject)] : [subjectId(subject)];
  return collection.attestations
    .filter((attestation) => names.some((name) => name.toLowerCase() === attestation.subject.toLowerCase()))
    .map(({ id, statement, owner, date, expires, evidenceDigest }) =>
      collection.asker.record(
        {
          kind: 'declaration',
          subject,
          source: 'attestations.yaml',
          operation: `attestation ${id}`,
          locator: 'attestations.yaml',
          grade: 'declared',
        },
        { items: [{ id, statement, owner, date, expires, evidenceDigest: evidenceDigest ?? null }] },
      ),
    );
}

/** That the attestations were read: without it, that somebody declared nothing would not be known. */
export function declarationsRead(collection: Collection, install: Subject): AnyEvidence {
  const digest = createHash('sha256').update(JSON.stringify(collection.attestations)).digest('hex').slice(0, 12);
  return collection.asker.record(
    {
      kind: 'declaration',
      subject: install,
      source: 'attestations.yaml',
      operation: `read (digest ${digest})`,
      locator: 'attestations.yaml',
      grade: 'declared',
    },
    { items: [] },
  );
}
