import { describe, expect, it } from 'vitest';
import { FormatDamage } from '../../../src/collect/formats/format-damage.ts';
import { walkTarEntries } from '../../../src/collect/formats/tar-entries.ts';
import { chunksOf } from '../../fuzz/fuzzed-parser.ts';
import { type MadeMember, paxRecord, tarOfMembers } from './tar-members.ts';

async function entriesOf(...members: readonly MadeMember[]) {
  const found: string[] = [];
  await walkTarEntries({ chunks: chunksOf(tarOfMembers(members)) }, async ({ path, bytes, isLinked }, content) => {
    found.push(`${path} ${isLinked ? 'linked' : bytes} ${Buffer.from(await content.take(20)).toString()}`.trim());
  });
  return found;
}

const NEXT: MadeMember = { name: 'next', content: 'after it' };
const pax = (content: string): MadeMember => ({ name: 'PaxHeaders/x', type: 'x', content });

describe('members of a tar archive', () => {
  it('bear the names of the headers before them, and only these', async () => {
    const long = `${'d/'.repeat(80)}file`;
    const gnu = { name: '././@LongLink', type: 'L', content: `${long}\0` };
    expect(await entriesOf(gnu, { name: 'cut', content: 'x' }, NEXT)).toEqual([`${long} 1 x`, 'next 8 after it']);
    expect(await entriesOf(pax(paxRecord('path', long)), { name: 'cut' }, NEXT)).toEqual([
      `${long} 0`,
      'next 8 after it',
    ]);
  });

  it('have the size that a pax header states in place of their own', async () => {
    const header = pax(`${paxRecord('mtime', '1.5')}${paxRecord('size', '3')}`);
    const stated = { name: 'large', content: 'abc', size: '00000000000' };
    expect(await entriesOf(header, stated, NEXT)).toEqual(['large 3 abc', 'next 8 after it']);
    const between = { name: '././@LongLink', type: 'L', content: 'named\0' };
    expect(await entriesOf(header, between, stated, NEXT)).toEqual(['named 3 abc', 'next 8 after it']);
  });

  it('are not named by what stands within the value of another record', async () => {
    const header = pax(paxRecord('comment', 'x\n12 path=lie\n12 size=999\n'));
    expect(await entriesOf(header, { name: 'true' })).toEqual(['true 0']);
    expect(await entriesOf(pax(paxRecord('path', 'two\nlines')), { name: 'cut' })).toEqual(['two\nlines 0']);
  });

  it('of a later volume are no archive by themselves', async () => {
    await expect(entriesOf({ name: 'rest', type: 'M', content: 'x' })).rejects.toThrow('several volumes');
  });

  it('that are hard links hold nothing', async () => {
    expect(await entriesOf({ name: 'link', type: '1' }, NEXT)).toEqual(['link linked', 'next 8 after it']);
  });

  it.each<[string, readonly MadeMember[]]>([
    ['a pax record that is longer than its header', [pax('999 path=x\n')]],
    ['a pax record of no length', [pax('0 path=x\n')]],
    ['a pax record without a length', [pax('path=x\n')]],
    ['a pax record without a value', [pax('7 path\n')]],
    ['a negative size in a pax header', [pax(paxRecord('size', '-1')), NEXT]],
    ['a size that is no safe number', [pax(paxRecord('size', '9'.repeat(16))), NEXT]],
    ['a size with an exponent', [pax(paxRecord('size', '1e3')), NEXT]],
    ['a size of more than follows', [pax(paxRecord('size', '999999999')), NEXT]],
    ['a size whose digits are not octal', [{ name: 'a', size: '00000000009' }]],
    ['a negative size', [{ name: 'a', size: '-0000000001' }]],
    ['a size of more than a number holds', [{ name: 'a', size: `\x80${'\x7f'.repeat(11)}` }]],
    ['a name of more than 4096 bytes', [{ name: 'L', type: 'L', content: 'a/'.repeat(3000) }, NEXT]],
    ['a pax name of more than 4096 bytes', [pax(paxRecord('path', 'a/'.repeat(3000))), NEXT]],
    ['a header of more than a mebibyte', [{ name: 'L', type: 'L', size: '00010000000' }]],
  ])('are refused with %s', async (_, members) => {
    await expect(entriesOf(...members)).rejects.toBeInstanceOf(FormatDamage);
  });
});
