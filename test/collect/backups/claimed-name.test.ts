import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimedName } from '../../../src/collect/backups/claimed-name.ts';

const NAMES = new Set(['acme', 'acme_eu', 'tenant_acme', 'novantra', 'müller', 'a.b']);

describe('the database that a path claims', () => {
  it.each([
    ['acme.dump', 'acme'],
    ['acme-2026-11-22.dump', 'acme'],
    ['2026/11/22/acme.sql.gz', 'acme'],
    ['acme/20261122T020000Z.dump', 'acme'],
    ['acme_eu.dump', 'acme_eu'],
    ['acme_eu/acme.dump', 'acme'],
    ['novantra/tenant_acme.dump', 'tenant_acme'],
    ['a.b.dump', 'a.b'],
    ['müller.dump', 'müller'],
    ['acme', 'acme'],
    ['acmeeu.dump', null],
    ['acme_2.dump', null],
    ['acme2.dump', null],
    ['ACME.dump', null],
    ['backup-acme.dump', null],
    ['', null],
    ['/', null],
  ])('%s: %s', (path, name) => {
    expect(claimedName(path, NAMES)).toBe(name);
  });

  it.each([
    ['novantra-staging.sql', 'novantra-staging', null],
    ['novantra-staging.sql', 'novantra', 'novantra'],
    ['novantra-staging.sql', 'other', 'novantra'],
    ['acme/reporting.dump', 'reporting', null],
    ['acme/kept.dump', 'acme', null],
    ['acme/kept.dump', null, 'acme'],
    ['novantra.dump', 'acme', 'novantra'],
    ['acme_eu.dump', 'acme', 'acme_eu'],
  ])('%s with %s inside: %s', (path, foundName, name) => {
    expect(claimedName(path, NAMES, foundName)).toBe(name);
  });

  it('is always one of the names, and stands at the start of a segment', () => {
    const path = fc.array(fc.constantFrom('acme', '_eu', '.dump', '/', '-', 'x', '2', 'novantra'), { maxLength: 8 });
    fc.assert(
      fc.property(path, (parts) => {
        const text = parts.join('');
        const name = claimedName(text, NAMES);
        if (name === null) return;
        expect(NAMES.has(name)).toBe(true);
        expect(text.split('/').some((segment) => segment.startsWith(name))).toBe(true);
      }),
    );
  });
});
