import { expect, test } from 'vitest';
import { compareBy, createSurvey } from '../../src/evaluate/survey.ts';
import type { OrganizationPart } from '../../src/model/bundle.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, evidence, node, subject } from './fixture.ts';

type Binding = Partial<Facts['storage-binding']>;

/** What comparing organizations, each with one binding, says about each of them. */
function compared(...bindings: readonly Binding[]) {
  const parts = bindings.map((binding, index): OrganizationPart => {
    const id = `org_${index}`;
    const organization = subject('organization', id, id);
    const nothing = { bucket: null, prefix: null, endpoint: null, path: null };
    return {
      type: 'organization',
      organizationId: id,
      subjects: [node(organization)],
      evidence: [evidence('storage-binding', organization, [{ state: 'active', ...nothing, ...binding }])],
    };
  });
  const survey = createSurvey();
  for (const part of parts) survey.add(part);
  const comparison = compareBy(survey.finish(), AS_OF, { subjects: [], evidence: [] });
  return parts.map((part, owner) => {
    const [record] = comparison.evidenceAbout(part, owner);
    return { items: record?.items, blind: record?.blindSpot?.detail ?? null };
  });
}

const bucket = (name: string | null, more: Binding = {}): Binding => ({ kind: 's3', bucket: name, ...more });

test('places of their own overlap nowhere', () => {
  const none = { items: [], blind: null };
  expect(compared(bucket('a'), bucket('b'), { kind: 'local', path: '/srv/a' })).toEqual([none, none, none]);
});

test.each([
  'https://s3.eu-central-1.amazonaws.com',
  'https://s3.amazonaws.com/',
  's3.dualstack.us-east-1.amazonaws.com',
])('a bucket at %s is the one that names no endpoint', (endpoint) => {
  const [first, second] = compared(bucket('a'), bucket('a', { endpoint }));
  expect(first?.items).toEqual([{ relation: 'same', shared: 1 }]);
  expect(second?.items).toEqual([{ relation: 'same', shared: 1 }]);
});

test.each(['https://s3.amazonaws.com.example.org', 'https://s3.cn-north-1.amazonaws.com.cn'])(
  'a bucket of one name at %s is another than the one that names no endpoint',
  (endpoint) => {
    expect(compared(bucket('a'), bucket('a', { endpoint })).map(({ items }) => items)).toEqual([[], []]);
  },
);

test('one service of its own, with its scheme, its path or neither, is one; on two ports it is two', () => {
  const at = (endpoint: string) => bucket('a', { endpoint });
  const [first, second] = compared(at('http://minio.example:9000/'), at('MINIO.example:9000'));
  expect([first?.items, second?.items]).toEqual([[{ relation: 'same', shared: 1 }], [{ relation: 'same', shared: 1 }]]);
  expect(compared(at('minio.example:9000'), at('minio.example:9443')).map(({ items }) => items)).toEqual([[], []]);
});

test('an unknown place blinds the organization, and others that could share it', () => {
  const [unknown, other, directory] = compared(bucket(null), bucket('b'), { kind: 'local', path: '/srv/a' });
  expect(unknown?.blind).toContain('neither bucket nor whole path');
  expect(other?.blind).toContain('other organizations are not all known');
  expect(directory?.blind).toBeNull();
  const [first, second] = compared({ kind: 'local' }, { kind: 'local', path: '/srv/a' });
  expect(first?.blind).toContain('neither bucket nor whole path');
  expect(second?.blind).toContain('not all known');
});

test('a directory is one however its path is written', () => {
  for (const path of ['/srv/a/../b', '/srv//b/', '/srv/./b', '/../srv/b']) {
    const [first] = compared({ kind: 'local', path: '/srv/b' }, { kind: 'local', path });
    expect(first?.items, path).toEqual([{ relation: 'same', shared: 1 }]);
  }
});

test('directories under two names, by links, are one place', () => {
  const link = { kind: 'local', path: '/srv/b', realPath: '/srv/a' };
  for (const { items } of compared({ kind: 'local', path: '/srv/a' }, link)) {
    expect(items).toEqual([{ relation: 'same', shared: 1 }]);
  }
  expect(compared({ kind: 'local', path: '/srv/b' }, link)[0]?.items).toEqual([]);
});
