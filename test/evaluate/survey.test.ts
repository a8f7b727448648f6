import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSurvey } from '../../src/evaluate/survey.ts';
import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, evidence, subject } from './fixture.ts';

type Binding = Partial<Facts['storage-binding']>;

function partOf(index: number, bindings: readonly Binding[] | 'blind' | 'unasked'): OrganizationPart {
  const id = `org_${index}`;
  const about = subject('organization', id, id);
  const records =
    bindings === 'unasked'
      ? []
      : [
          evidence(
            'storage-binding',
            about,
            bindings === 'blind' ? [] : bindings,
            bindings === 'blind' ? { blind: true } : {},
          ),
        ];
  return { type: 'organization', organizationId: id, subjects: [{ subject: about }], evidence: records };
}

/** What comparing says of each organization: its relations, sorted; `?` where others are not all known. */
function compared(all: readonly (readonly Binding[] | 'blind' | 'unasked')[]): readonly string[] {
  const parts = all.map((bindings, index) => partOf(index, bindings));
  const survey = createSurvey();
  for (const part of parts) survey.add(part);
  const index = survey.finish(AS_OF);
  expect(index.organizations).toBe(all.length);
  return parts.map((part) => {
    const [record, ...others] = index.evidenceAbout(part);
    expect(others).toEqual([]);
    if (record?.kind !== 'store-overlap') throw new Error('no comparison');
    const relations = record.items.map(({ relation }) => relation).sort();
    return `${relations.join(' ')}${record.blindSpot === null ? '' : '?'}`;
  });
}

const directory = (path: string, kind = 'local_filesystem_dedicated'): Binding => ({ kind, path, bucket: null });
const bucket = (name: string, prefix: string | null = null, endpoint: string | null = null): Binding => ({
  kind: 's3',
  bucket: name,
  prefix,
  endpoint,
});

describe('storage of several organizations', () => {
  it.each([
    ['apart', [[directory('/srv/a')], [directory('/srv/b')]], ['', '']],
    ['of names that begin alike', [[directory('/srv/a')], [directory('/srv/ab')]], ['', '']],
    ['the same directory', [[directory('/srv/a')], [directory('/srv//a/./')]], ['same', 'same']],
    ['one inside the other', [[directory('/srv')], [directory('/srv/a')]], ['around', 'inside']],
    ['the root around all', [[directory('/')], [directory('/srv/a')]], ['around', 'inside']],
    ['the same bucket', [[bucket('x')], [bucket('x')]], ['same', 'same']],
    ['a bucket and a prefix in it', [[bucket('x')], [bucket('x', 'a/')]], ['around', 'inside']],
    ['two prefixes of a bucket', [[bucket('x', 'a')], [bucket('x', 'b')]], ['', '']],
    ['buckets of one name in two services', [[bucket('x')], [bucket('x', null, 'https://other')]], ['', '']],
    ['bundled storage', [[directory('/srv', 'bundled')], [directory('/srv', 'bundled')]], ['', '']],
    ['bundled storage beside dedicated', [[directory('/srv', 'bundled')], [directory('/srv/a')]], ['around', 'inside']],
    ['a binding that is not active', [[{ ...directory('/srv'), state: 'retired' }], [directory('/srv')]], ['', '']],
    ['two of one organization', [[directory('/srv'), directory('/srv/a')], []], ['', '']],
    ['three alike', [[directory('/a')], [directory('/a')], [directory('/a')]], ['same', 'same', 'same']],
    ['no places', [[directory('x')], [{ ...bucket('x'), bucket: null }]], ['', '']],
  ] as const)('%s', (_, all, relations) => {
    expect(compared(all)).toEqual(relations);
  });

  it('is not all known to the others where that of one is not, though what was seen is said', () => {
    expect(compared([[directory('/a')], 'blind', [directory('/a')]])).toEqual(['same?', '', 'same?']);
    expect(compared([[directory('/a')], 'unasked'])).toEqual(['?', '']);
    expect(compared(['blind', 'blind'])).toEqual(['?', '?']);
  });

  it('is compared alike from both sides, in any order', () => {
    const place = fc.constantFrom('/a', '/a/b', '/a/b/c', '/ab', '/c', '/c/d').map((path) => [directory(path)]);
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 3 }), (all) => {
        const forward = compared(all);
        expect(compared(all.toReversed())).toEqual(forward.toReversed());
        const found = forward.join(' ');
        expect(found.includes('inside')).toBe(found.includes('around'));
        expect((found.match(/same/g) ?? []).length).not.toBe(1);
      }),
    );
  });
});
