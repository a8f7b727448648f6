import { type Instant, instantOrNull, SECOND } from '../../model/instant.ts';
import { FormatDamage } from './format-damage.ts';
import { type TarContent, type TarSource, walkTar } from './tar-walk.ts';

/** A member of a tar archive as whoever made it meant it, whatever headers that took. */
export interface TarEntry {
  /** Without `./` or `/` before it. */
  readonly path: string;
  readonly isFile: boolean;
  /** True for a hard link to an earlier member, which holds the bytes. */
  readonly isLinked: boolean;
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
}

/** A file that may hold a whole archive, in a form that is not opened here. */
export class UnreadTar extends Error {
  override readonly name = 'UnreadTar';
}

/** Longest name that is taken over from a header of its own. */
const LONGEST_NAME = 64 * 1024;

/**
 * Walks an archive of tar, GNU tar or pax: names of more than 100 bytes stand in headers before their member (POSIX.1-2024,
 * pax, "pax Header Block"; GNU tar manual, "Basic Tar Format").
 *
 * @throws FormatDamage when it is damaged or cut off; UnreadTar; SourceError when bytes cannot be read
 */
export async function walkTarEntries(
  source: TarSource,
  visit: (entry: TarEntry, content: TarContent) => Promise<void>,
): Promise<void> {
  let longName: string | null = null;
  await walkTar(source, async (member, content) => {
    if (member.type === 'L') {
      longName = (await textOf(member.size, content)).replace(/\0.*$/s, '');
      return undefined;
    }
    if (member.type === 'x') {
      longName = paxPath(await textOf(member.size, content)) ?? longName;
      return undefined;
    }
    if (member.type === 'g' || member.type === 'K') return undefined;
    const path = (longName ?? member.name).replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
    longName = null;
    const isLinked = member.type === '1';
    const isFile = member.type === '0' || member.type === '\0' || member.type === '7' || isLinked;
    const modifiedAt = instantOrNull(member.modifiedSeconds * SECOND);
    await visit({ path, isFile, isLinked, bytes: isLinked ? 0 : member.size, modifiedAt }, content);
    return undefined;
  });
}

async function textOf(size: number, content: TarContent): Promise<string> {
  if (size > LONGEST_NAME) throw new FormatDamage('a name in its tar archive is longer than any file system allows');
  return Buffer.from(await content.take(size)).toString('utf8');
}

/** Records are `LENGTH KEY=VALUE\n`. @throws UnreadTar for a member whose size stands there as well */
function paxPath(text: string): string | null {
  if (/(?:^|\n)\d+ size=/.test(text)) {
    throw new UnreadTar('its tar archive tells the size of a member in a form that is not read here (pax, size)');
  }
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1] ?? null;
}
