import { expect, test } from 'vitest';
import type { FileCopies } from '../../../src/collect/estate.ts';
import { doubtedCopies } from '../../../src/collect/file-sets/doubted-copies.ts';

test('copies of files in a repository with damaged data are in doubt, and no others', () => {
  const where = (name: string, listedBy?: 'restic') =>
    ({
      location: { config: { name } },
      copies: { copies: [{ name: 'one', listedBy }], strays: [] },
    }) as unknown as FileCopies;
  const unread = { location: { config: { name: 'closed' } }, copies: null } as unknown as FileCopies;
  const damage = '1 file of the repository is damaged';
  const physical = ['offsite', 'plain', 'closed'].map((name) => ({ location: { name, contents: { damage } } }));
  const sound = { location: { name: 'sound', contents: {} } };
  const told = doubtedCopies([where('offsite', 'restic'), where('sound', 'restic'), where('plain'), unread], [
    ...physical,
    sound,
  ] as unknown as Parameters<typeof doubtedCopies>[1]);
  expect(told.map(({ copies }) => copies?.copies.map(({ doubt = null }) => doubt))).toEqual([
    [damage],
    [null],
    [null],
    undefined,
  ]);
});
