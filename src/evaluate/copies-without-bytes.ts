import type { Observation, Truth } from '../model/control.ts';
import { counted } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { registeredFiles } from './empty-store.ts';
import type { JudgedFileCopy } from './files.ts';

/**
 * Whether a copy holds files of the path and no byte in any of them. Where files were found in it by their names, these
 * were compared with the live store, where they may be as empty.
 */
export function isWithoutBytes({ observation: { value } }: JudgedFileCopy): boolean {
  const { files = 0, bytes, compared } = value;
  return files > 0 && bytes === 0 && (compared === undefined || compared.missing === compared.files);
}

/** The copies, of which those without a byte are no copies of what the database lists. */
export function withBytesExpected(
  copies: readonly JudgedFileCopy[],
  registered: readonly Observation<'artifact-count'>[],
): readonly JudgedFileCopy[] {
  const listed = registeredFiles(registered);
  return listed === 0 ? copies : copies.map((copy) => (isWithoutBytes(copy) ? withoutContents(copy, listed) : copy));
}

function withoutContents(copy: JudgedFileCopy, listed: number | null): JudgedFileCopy {
  if (!copy.complete) return copy;
  const contents: Truth = listed === null ? 'unknown' : 'fails';
  const held = `it holds ${counted(copy.observation.value.files ?? 0, 'file')} of the path and not one byte`;
  const why =
    listed === null
      ? 'nobody counted the files that the database lists'
      : `the database lists ${counted(listed, 'file')}`;
  return {
    ...copy,
    complete: contents !== 'fails',
    completeBecause: `${held}, and ${why}`,
    contents,
    counts: contents === 'fails' || copy.fromTheFuture ? 'fails' : allOf([copy.survives, contents]),
  };
}
