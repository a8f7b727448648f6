import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apart, mergedDomain, survivalByKey, survives } from '../../src/evaluate/failure-domains.ts';
import type { Observation } from '../../src/model/control.ts';
import type { Facts } from '../../src/model/facts.ts';
import { AS_OF, subject } from './fixture.ts';

type Domain = Facts['failure-domain'];
const HOST_LOST = { level: 'host', name: 'install-1' } as const;

function domain(change: Partial<Domain>): Domain {
  return { host: null, site: null, account: null, region: null, origin: 'stated', ...change };
}

describe('whether something outlives the loss of a host', () => {
  it.each([
    ['states that host', { host: 'install-1' }, 'fails'],
    ['states it in other letters', { host: 'INSTALL-1' }, 'fails'],
    ['states it with the dot of a full name', { host: 'install-1.' }, 'fails'],
    ['states its full name', { host: 'install-1.example.com' }, 'unknown'],
    ['states another host', { host: 'backup-1' }, 'holds'],
    ['states another host that begins alike', { host: 'install-10' }, 'holds'],
    ['states another host and the same site', { host: 'backup-1', site: 'fra' }, 'holds'],
    ['states an account alone', { account: '111122223333' }, 'holds'],
    ['states a region alone', { region: 'eu-central-1' }, 'holds'],
    ['states a site alone', { site: 'ber' }, 'unknown'],
    ['states nothing', {}, 'unknown'],
  ] as const)('that %s', (_, change, truth) => {
    expect(survives([domain(change)], HOST_LOST)).toBe(truth);
  });

  it('is not known where its files are those of a lost place', () => {
    const seen = (key: string, change: Partial<Domain>): Observation<'failure-domain'> => ({
      value: domain(change),
      subject: subject('location', key),
      evidenceId: key,
      grade: 'observed',
      collectedAt: AS_OF,
    });
    const same = { origin: 'observed', sameFilesAs: 'near' } as const;
    const domains = [seen('near', { host: 'install-1' }), seen('far', { host: 'backup-1' }), seen('far', same)];
    const survival = survivalByKey(domains, HOST_LOST);
    expect([survival('near'), survival('far')]).toEqual(['fails', 'unknown']);
  });

  it('is not known without any fact', () => {
    expect(survives([], HOST_LOST)).toBe('unknown');
  });

  it('goes by the statement where something else was observed', () => {
    const observed = domain({ host: 'install-1', origin: 'observed' });
    expect(survives([observed, domain({ host: 'backup-1' })], HOST_LOST)).toBe('holds');
    expect(survives([observed, domain({})], HOST_LOST)).toBe('fails');
    expect(mergedDomain([observed, domain({ site: 'fra' })])).toMatchObject({ host: 'install-1', site: 'fra' });
  });
});

describe('whether something outlives the loss of a site or account', () => {
  it.each([
    ['site', 'fra', { site: 'FRA' }, 'fails'],
    ['site', 'fra', { site: 'ber', host: 'install-1' }, 'holds'],
    ['site', 'fra', { host: 'backup-1', region: 'eu-central-1' }, 'unknown'],
    ['account', '111', { account: '111', host: 'backup-1' }, 'fails'],
    ['account', '111', { account: '222' }, 'holds'],
    ['account', '111', { host: 'backup-1' }, 'unknown'],
    ['region', 'eu-1', { account: '222' }, 'unknown'],
  ] as const)('%s %s, of %o: %s', (level, name, change, truth) => {
    expect(survives([domain(change)], { level, name })).toBe(truth);
  });
});

describe('whether two things stand apart', () => {
  it.each([
    [{ host: 'a' }, { host: 'b' }, 'holds'],
    [{ host: 'a' }, { host: 'A' }, 'fails'],
    [{ host: 'a' }, { host: 'a.example.com' }, 'unknown'],
    [{ host: 'a' }, { account: '1' }, 'holds'],
    [{ account: '1', region: 'x' }, { account: '1', region: 'y' }, 'holds'],
    [{ account: '1', region: 'x' }, { account: '1', region: 'x' }, 'fails'],
    [{ site: 'fra' }, { site: 'fra' }, 'unknown'],
    [{ site: 'fra' }, { site: 'ber' }, 'holds'],
    [{ host: 'a' }, {}, 'unknown'],
    [{}, {}, 'unknown'],
  ] as const)('%o and %o: %s', (a, b, truth) => {
    expect(apart([domain(a)], [domain(b)])).toBe(truth);
  });

  it('is the same seen from either', () => {
    const name = fc.option(fc.constantFrom('a', 'A', 'b', 'a.example.com'));
    const domains = fc.record({ host: name, site: name, account: name, region: name });
    fc.assert(
      fc.property(domains, domains, (a, b) => {
        expect(apart([domain(a)], [domain(b)])).toBe(apart([domain(b)], [domain(a)]));
        expect(apart([domain(a)], [domain(a)])).not.toBe('holds');
      }),
    );
  });
});

it('survival by key keeps locations apart, and knows nothing of one without facts', () => {
  const of = (key: string, host: string): Observation<'failure-domain'> => ({
    value: domain({ host }),
    subject: subject('location', key),
    evidenceId: key,
    grade: 'declared',
    collectedAt: AS_OF,
  });
  const survival = survivalByKey([of('near', 'install-1'), of('far', 'backup-1')], HOST_LOST);
  expect(['near', 'far', 'elsewhere'].map(survival)).toEqual(['fails', 'holds', 'unknown']);
});
