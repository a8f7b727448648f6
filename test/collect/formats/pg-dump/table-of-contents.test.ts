import { describe, expect, it } from 'vitest';
import { directoryFixture, fixture, readingOf, recognizeBytes, recognizeFiles, unpackedFixture } from './fixtures.ts';

const WHOLE = fixture('pg15-custom.dump');

/** A number as an archive holds it: a sign and four bytes. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 1 : 0);
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

const text = (value: string): Buffer => Buffer.concat([number(value.length), Buffer.from(value)]);

/** The archive with bytes of its table of contents replaced by others. */
function altered(from: Buffer, to: Buffer, whole = WHOLE): Buffer {
  const at = whole.indexOf(from);
  if (at < 0) throw new Error('no such bytes');
  return Buffer.concat([whole.subarray(0, at), to, whole.subarray(at + from.length)]);
}

function written(at: number, bytes: Buffer, whole = WHOLE): Buffer {
  return Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]);
}

/** An entry begins with two numbers and the oids of an object, none in this one, before its tag. */
const FIRST_ENTRY = WHOLE.indexOf(text('ENCODING')) - 2 * text('0').length - 2 * number(0).length;
const dependsOn = (id: string): Buffer => Buffer.concat([text('false'), text(id)]);

describe('what pg_restore refuses in a table of contents is never complete', () => {
  const DAMAGED: readonly [what: string, bytes: Buffer, because: string][] = [
    ['the number 0 of an entry', written(FIRST_ENTRY, number(0)), 'number of an entry'],
    ['a negative number of an entry', written(FIRST_ENTRY, number(-5)), 'number of an entry'],
    ['a number that C would wrap', written(FIRST_ENTRY, Buffer.from([1, 255, 255, 255, 255])), 'a number in it'],
    ['an empty dependency', altered(dependsOn('216'), dependsOn('')), 'dependency'],
    ['a dependency that is no number', altered(dependsOn('216'), dependsOn('postgres')), 'dependency'],
    ['the dependency 0', altered(dependsOn('216'), dependsOn('0')), 'dependency'],
    ['a dependency out of range', altered(dependsOn('216'), dependsOn('2147483648')), 'dependency'],
    ['rows of a table beyond all entries', altered(dependsOn('214'), dependsOn('9999')), 'table of an entry'],
    ['standard strings mn', altered(Buffer.from("'on'"), Buffer.from("'mn'")), 'STDSTRINGS'],
    ['an encoding that is none', altered(Buffer.from("'UTF8'"), Buffer.from("'UTF9'")), 'ENCODING'],
    ['an entry without a tag', altered(text('ENCODING'), number(-1)), 'lacks'],
    ['a zero byte in a name', altered(text('ENCODING'), text('ENCOD\0NG')), 'zero byte'],
    ['another revision', written(7, Buffer.from([128])), 'revision'],
    ['a level that zlib has not', written(11, number(10)), 'compression'],
  ];

  it.each(DAMAGED)('%s', async (_, bytes, because) => {
    for (const depth of ['structure', 'full'] as const) {
      const { integrity } = readingOf(await recognizeBytes(bytes, depth));
      expect(integrity.state).toBe('incomplete');
      expect(integrity.because).toContain(because);
    }
  });

  it.each([
    ['first bytes that are not those of an archive', 0, Buffer.from('XGDMP')],
    ['the format byte of a custom archive', 10, Buffer.from([1])],
  ])('in a directory: %s', async (_, at, bytes) => {
    const files = directoryFixture('pg18-directory');
    const contents = files.get('toc.dat') ?? Buffer.alloc(0);
    const damaged = new Map(files).set('toc.dat', written(at, bytes, contents));
    expect(readingOf(await recognizeFiles(damaged, 'full')).integrity.because).toContain('its header is damaged');
  });

  it('in a directory: a file elsewhere', async () => {
    const files = directoryFixture('pg18-directory');
    const [name = ''] = [...files.keys()].filter((one) => /^\d+\.dat/.test(one));
    const listed = name.replace('.gz', '');
    const contents = altered(text(listed), text(`../${listed}`), files.get('toc.dat'));
    const { integrity } = readingOf(await recognizeFiles(new Map(files).set('toc.dat', contents), 'full'));
    expect(integrity).toMatchObject({ state: 'incomplete', because: expect.stringContaining('file of an entry') });
  });

  it('in a tar archive: a compression', async () => {
    const whole = unpackedFixture('pg15-tar.tar.gz');
    const header = whole.indexOf('PGDMP');
    const { integrity } = readingOf(await recognizeBytes(written(header + 11, number(6), whole), 'full'));
    expect(integrity).toMatchObject({ state: 'incomplete', because: expect.stringContaining('compression') });
  });
});

describe('what this reader does not know is not proven, and no damage', () => {
  const later = fixture('pg18-custom.dump');

  it.each([
    ['an owned object of an unknown kind', altered(text('CONSTRAINT'), text('COOSTRAINT'), later), 'kind'],
    ['an unknown compression', written(11, Buffer.from([9]), later), 'compression'],
  ])('%s', async (_, bytes, because) => {
    for (const depth of ['structure', 'full'] as const) {
      const { integrity } = readingOf(await recognizeBytes(bytes, depth));
      expect(integrity).toMatchObject({ state: 'unproven', because: expect.stringContaining(because) });
    }
  });
});
