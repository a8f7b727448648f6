import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStanzaInfo } from '../../../../src/collect/formats/pgbackrest/backup-info.ts';
import { PgBackRestDamage } from '../../../../src/collect/formats/pgbackrest/damage.ts';
import { type InfoEntry, readInfoText } from '../../../../src/collect/formats/pgbackrest/info-text.ts';

/** An archive.info as pgBackRest 2.45 wrote it. */
const ARCHIVE_INFO = `[backrest]
backrest-format=5
backrest-version="2.45"

[db]
db-id=1
db-system-id=7711114375062776153
db-version="15"

[db:history]
1={"db-id":7711114375062776153,"db-version":"15"}

[backrest]
backrest-checksum="ee5caaa3907737f4365f6dd88738e595a8477115"
`;

async function* inPieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entriesOf(text: string | Uint8Array, size?: number): Promise<readonly InfoEntry[]> {
  const entries: InfoEntry[] = [];
  await readInfoText(inPieces(text, size), 'the file', (entry) => entries.push(entry));
  return entries;
}

/** A file of one section, with the checksum that belongs to the JSON given beside. */
function sealed(lines: string, json: string): string {
  const checksum = createHash('sha1').update(json).digest('hex');
  return `[db]\n${lines}\n\n[backrest]\nbackrest-checksum="${checksum}"\n`;
}

describe('the text of info files', () => {
  it('is read with its own checksum, in pieces of any size', async () => {
    for (const size of [1, 3, 64, 4096]) {
      expect((await entriesOf(ARCHIVE_INFO, size)).map(({ section, key }) => `${section}.${key}`)).toEqual([
        'backrest.backrest-format',
        'backrest.backrest-version',
        'db.db-id',
        'db.db-system-id',
        'db.db-version',
        'db:history.1',
      ]);
    }
  });

  it('cut anywhere it is damaged, but for the line feed at its end', async () => {
    for (let length = 0; length < ARCHIVE_INFO.length - 1; length += 1) {
      await expect(entriesOf(ARCHIVE_INFO.slice(0, length), 512), `${length}`).rejects.toThrow(PgBackRestDamage);
    }
    await expect(entriesOf(ARCHIVE_INFO.slice(0, -1))).resolves.toHaveLength(6);
  });

  it('any flipped bit is found', async () => {
    const bytes = Buffer.from(ARCHIVE_INFO);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(entriesOf(changed, 512), `bit ${bit}`).rejects.toThrow(PgBackRestDamage);
    }
  });

  it.each([
    ['eq=uals', '"eq=uals"'],
    ['a={"db-id":1}', '"a={\\"db-id\\":1}"'],
    ['quo"te', '"quo\\"te"'],
    ['back\\slash', '"back\\\\slash"'],
    ['tab\there', '"tab\\there"'],
    ['\u0001', '"\u0001"'],
    [' pad ', '" pad "'],
    ['#hash', '"#hash"'],
    ['[sect]', '"[sect]"'],
    ['ünï', '"ünï"'],
    ['constructor', '"constructor"'],
    ['__proto__', '"__proto__"'],
  ])('keys are raw: %j', async (name, quoted) => {
    const value = '{"db-id":16384}';
    expect(await entriesOf(sealed(`${name}=${value}`, `{"db":{${quoted}:${value}}}`))).toEqual([
      { section: 'db', key: name, value: { 'db-id': 16384 } },
    ]);
  });

  it('keeps numbers that a double would round', async () => {
    const info = await readStanzaInfo(inPieces(ARCHIVE_INFO), 'archive.info');
    expect(info.history.get(1)).toEqual({ systemIdentifier: '7711114375062776153', version: '15' });
    expect(info.currentHistoryId).toBe(1);
    expect(info.passphrase).toBeNull();
  });

  it('a line without a key, before a section, or without an end is damage', async () => {
    for (const text of ['x\n', 'a=1\n', '[db]\n=1\n', '[db]\nnew\nline={"db-id":1}\n', `[db]\n${'='.repeat(5000)}\n`]) {
      await expect(entriesOf(text, 4096)).rejects.toThrow(PgBackRestDamage);
    }
    const endless = (async function* (): AsyncGenerator<Uint8Array, void> {
      for (;;) yield Buffer.alloc(1024 * 1024, 'x');
    })();
    await expect(readInfoText(endless, 'the file', () => undefined)).rejects.toThrow('has no end');
  });

  it('nesting beyond all measure is damage', async () => {
    for (const inside of ['', '1234567890123456789']) {
      const deep = `${'['.repeat(200_000)}${inside}${']'.repeat(200_000)}`;
      await expect(readStanzaInfo(inPieces(`[backup:current]\na=${deep}\n`, 65_536), 'it')).rejects.toThrow(
        PgBackRestDamage,
      );
    }
  });

  it('another format number is told apart from damage', async () => {
    const checksum = createHash('sha1').update('{"backrest":{"backrest-format":6}}').digest('hex');
    const text = `[backrest]\nbackrest-format=6\n\n[backrest]\nbackrest-checksum="${checksum}"\n`;
    await expect(readStanzaInfo(inPieces(text), 'backup.info')).rejects.toMatchObject({ reason: 'unsupported' });
  });

  it('any bytes end in an answer or in damage', async () => {
    const section = fc.constantFrom('[db]', '[backup:current]', '[backrest]', '[cipher]', '');
    const line = fc.oneof(
      fc.string(),
      fc.tuple(fc.string(), fc.json()).map(([key, value]) => `${key}=${value}`),
    );
    const text = fc.array(fc.oneof(section, line)).map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, fc.uint8Array({ maxLength: 500 })), async (input) => {
        await expect(readStanzaInfo(inPieces(input, 64), 'it')).rejects.toThrow(PgBackRestDamage);
      }),
      { numRuns: 500 },
    );
  });
});
