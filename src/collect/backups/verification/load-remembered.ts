import type { Secret } from '../../../model/secret.ts';
import { type LinePlace, placedLines } from './indexed-lines.ts';
import {
  openedLine,
  type RememberedLine,
  VERIFICATIONS_VERSION,
  verificationsHeaderSchema,
} from './remembered-lines.ts';

/** The file is none of remembered verifications: it is not touched. */
export class ForeignFileError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'ForeignFileError';
  }
}

/**
 * Reads every line of the file once and counts those that are refused.
 *
 * @returns whether the file is there
 * @throws ForeignFileError where it holds something else
 */
export async function loadRemembered(
  file: string,
  key: Secret | null,
  refused: { damaged: number; seal: number },
  take: (line: RememberedLine, place: LinePlace) => void,
): Promise<boolean> {
  let isFirst = true;
  try {
    for await (const { text, offset, length } of placedLines(file)) {
      if (isFirst) {
        checkHeader(text);
        isFirst = false;
        continue;
      }
      const opened = openedLine(text, key);
      if ('problem' in opened) refused[opened.problem] += 1;
      else take(opened.line, { offset, length });
    }
  } catch (error) {
    if (error instanceof RangeError) throw new ForeignFileError(error.message);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  // A file without a byte was put there to be written to.
  return true;
}

function checkHeader(text: string): void {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ForeignFileError('its first line is not that of such a file');
  }
  const header = verificationsHeaderSchema.safeParse(json);
  if (!header.success) throw new ForeignFileError('its first line is not that of such a file');
  const { version } = header.data;
  if (version === VERIFICATIONS_VERSION) return;
  throw new ForeignFileError(`it has version ${version}, and this program knows version ${VERIFICATIONS_VERSION}`);
}
