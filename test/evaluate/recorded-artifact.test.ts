import { expect, test } from 'vitest';
import { agreement, artifactsOfAll } from '../../src/evaluate/recorded-artifact.ts';

test.each([
  ['s3://backups/acme/2026-11-22.dump', 'acme/2026-11-22.dump', true],
  ['s3://backups/acme/2026-11-22.dump', '2026-11-22.dump', true],
  ['file:///srv/dumps/acme.dump', 'acme.dump', true],
  ['/srv/dumps/acme.dir/', 'dumps/acme.dir', true],
  ['acme.dump', 'daily/acme.dump', true],
  ['file:///srv/dumps/a%20b.dump', 'a b.dump', true],
  ['s3://backups/100%.dump', '100%.dump', true],
  ['s3://backups/beta/2026-11-22.dump', 'acme/2026-11-22.dump', false],
  ['s3://backups/my-acme.dump', 'acme.dump', false],
  ['', 'acme.dump', false],
])('%s is %s: %s', (uri, path, expected) => {
  expect(artifactsOfAll([uri], [{ path }]).get(uri)).toEqual(expected ? [{ copy: { path }, rivalled: false }] : []);
});

test('what was not recorded or not read is not compared', () => {
  expect(agreement({ artifactBytes: null, sha256: 'aa' }, { bytes: 5, sha256: null })).toBeNull();
  expect(agreement({ artifactBytes: 5, sha256: 'sha256:AA' }, { bytes: 5, sha256: 'aa' })).toBeNull();
  expect(agreement({ artifactBytes: 5, sha256: 'aa' }, { bytes: 5, sha256: 'bb' })).toContain('SHA-256');
});
