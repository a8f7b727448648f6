import { expect, test } from 'vitest';
import { agreement, artifactsOfAll, isProven } from '../../src/evaluate/recorded-artifact.ts';

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

const SUM = 'a'.repeat(64);

test('a checksum as sha256sum prints it is compared, and what is none is not', () => {
  for (const sha256 of [`${SUM}  t_acme.dump`, `${SUM} *t acme.dump\n`, `\\${SUM}  a\\nb`, `SHA-256:${SUM}`]) {
    expect(agreement({ artifactBytes: 5, sha256 }, { bytes: 5, sha256: SUM }), sha256).toBeNull();
    expect(isProven({ sha256 }, { sha256: SUM }), sha256).toBe(true);
    expect(agreement({ artifactBytes: 5, sha256 }, { bytes: 5, sha256: 'b'.repeat(64) }), sha256).toContain('SHA-256');
  }
  for (const sha256 of ['', 'none', `${SUM}a`, `t_acme.dump ${SUM}`, 'a'.repeat(40)]) {
    expect(agreement({ artifactBytes: 5, sha256 }, { bytes: 5, sha256: SUM }), sha256).toBeNull();
    expect(isProven({ sha256 }, { sha256: SUM }), sha256).toBe(false);
  }
});

test('what was not recorded or not read is not compared', () => {
  expect(agreement({ artifactBytes: null, sha256: SUM }, { bytes: 5, sha256: null })).toBeNull();
  expect(agreement({ artifactBytes: 5, sha256: `sha256:${SUM.toUpperCase()}` }, { bytes: 5, sha256: SUM })).toBeNull();
  expect(agreement({ artifactBytes: 5, sha256: SUM }, { bytes: 5, sha256: 'b'.repeat(64) })).toContain('SHA-256');
});
