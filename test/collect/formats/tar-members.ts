import { tarOf } from '../backups/physical/tar-of.ts';

/** One member of a tar archive, header or file. */
export interface MadeMember {
  readonly name: string;
  /** `typeflag`; a regular file where there is none. */
  readonly type?: string;
  readonly content?: Uint8Array | string;
  /** What its header says, where that is not the length of its content. */
  readonly size?: string;
  /** What a link leads to. */
  readonly linkName?: string;
}

const BLOCK = 512;
const END = 2 * BLOCK;

/** A tar archive of members in their order, which may bear one name. */
export function tarOfMembers(members: readonly MadeMember[]): Buffer {
  const parts = members.map(({ name, type = '0', content = '', size, linkName = '' }) => {
    const made = tarOf(new Map([[name, Buffer.from(content)]]));
    const member = made.subarray(0, made.length - END);
    member.write(type, 156, 'latin1');
    member.write(linkName, 157, 'latin1');
    if (size !== undefined) member.write(size.padEnd(12, '\0'), 124, 'latin1');
    member.write('        ', 148, 'latin1');
    const sum = member.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
    member.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return member;
  });
  return Buffer.concat([...parts, Buffer.alloc(END)]);
}

/** A record of a pax header: its length counts itself. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return `${length} ${key}=${value}\n`;
}
