import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLicense } from '../../../src/collect/hosts/license-reading.ts';

const read = (value: unknown) => readLicense(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const LICENSE = { customerId: 'c-1', installId: 'inst_01', appKeys: ['very-secret-key'], validUntil: '2027-01-31' };

describe('a license file', () => {
  it('tells its install and its validity by the documented names, at the top or beside a signature', () => {
    const says = { installId: 'inst_01', validFrom: null, validUntil: '2027-01-31T00:00:00.000Z' };
    expect(read(LICENSE)).toEqual(says);
    expect(read({ signature: 'AAAA', license: LICENSE })).toEqual(says);
    expect(read({ validFrom: '2026-01-31T12:00:00+02:00', validUntil: '2027-01-31T23:59:59Z' })).toEqual({
      installId: null,
      validFrom: '2026-01-31T10:00:00.000Z',
      validUntil: '2027-01-31T23:59:59.000Z',
    });
  });

  it.each([
    ['no JSON', 'LICENSE-----'],
    ['JSON without a validity', { installId: 'inst_01' }],
    ['a validity that is no date', { validUntil: 'forever' }],
    ['a local time without its offset', { validUntil: '2027-01-31T00:00:00' }],
    ['a day that is none', { validUntil: '2027-13-45' }],
    ['a number', { validUntil: 1_800_000_000 }],
    ['nothing', ''],
    ['null', 'null'],
  ])('does not tell it where it is %s', (_, contents) => {
    expect(read(contents)).toBeNull();
  });

  it('says nothing else of what is in it', () => {
    expect(JSON.stringify(read({ signed: LICENSE }))).not.toMatch(/very-secret-key|c-1/);
  });

  it('is read without a throw, whatever is in it', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void read(text)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readLicense(bytes)));
  });
});
