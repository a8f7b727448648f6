import { createHash } from 'node:crypto';
import type { AnyEvidence } from '../model/evidence.ts';
import { type Subject, subjectId } from '../model/subject.ts';
import type { Collection } from './estate.ts';

/**
 * The attestations about one subject, one record each, so that the expiry of one says nothing about another. Names of hosts
 * have no case (RFC 4343); ids of keyrings and providers do, and two may differ in nothing else.
 */
export function declarationsAbout(collection: Collection, subject: Subject): readonly AnyEvidence[] {
  const names = subject.kind === 'install' ? ['install', subjectId(subject)] : [subjectId(subject)];
  const written = (name: string) => (subject.kind === 'host' ? name.toLowerCase() : name);
  const about = collection.attestations.filter((attestation) =>
    names.some((name) => written(name) === written(attestation.subject)),
  );
  for (const { id } of about) collection.attestationsUsed.add(id);
  return about.map(({ id, statement, owner, date, expires, evidenceDigest }) =>
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

/** Source of a declaration about something that the install does not have. */
export const SUBJECT_NOT_FOUND = 'attestations.yaml, subject not found';

/** Attestations that were about no subject of the install, so that a misspelt one does not pass unnoticed. */
export function strayDeclarations(collection: Collection): readonly AnyEvidence[] {
  return collection.attestations
    .filter(({ id }) => !collection.attestationsUsed.has(id))
    .map(({ id, subject, statement, owner, date, expires, evidenceDigest }) =>
      collection.asker.record(
        {
          kind: 'declaration',
          subject: { kind: 'install', key: `no subject ${subject}`, organizationId: null, name: subject },
          source: SUBJECT_NOT_FOUND,
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
