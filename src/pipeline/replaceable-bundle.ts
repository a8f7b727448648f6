import { stat } from 'node:fs/promises';
import { BUNDLE_OUTPUT, OutputError, toOutputError, type WrittenOutput } from '../report/output-error.ts';
import { chunksOf, linesOf } from './lines.ts';

/**
 * Lets only what a bundle may replace be replaced: nothing, an empty file, or another bundle of whatever version. A dump
 * or a configuration that was named by mistake stays.
 *
 * @param isOwn whether a first line is the header of what is written
 * @throws OutputError where something else is there, or it cannot be told what
 */
export async function assertReplaceable(
  file: string,
  output: WrittenOutput = BUNDLE_OUTPUT,
  isOwn: IsOwnHeader = isBundleHeader,
): Promise<void> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw Object.assign(new Error(`${file} is a directory`), { code: 'EISDIR' });
    // Whatever is no regular file is not opened: a pipe would wait for its other end.
    if (found.isFile() && (found.size === 0 || (await isBundle(file, isOwn)))) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw toOutputError(error, file, output);
  }
  throw new OutputError(
    `cannot write ${output.noun} to ${JSON.stringify(file)}: something is there that is no bundle, and it is left as it is`,
    `Choose ${output.elsewhere}; only a bundle or an empty file is replaced.`,
  );
}

/** Whether a file without a byte is there. */
export async function isEmptyFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true && found.size === 0;
}

/** Whether the first line is the header of a bundle. Of anything that does not begin like one no more is read. */
async function isBundle(file: string, isOwn: IsOwnHeader): Promise<boolean> {
  try {
    for await (const line of linesOf(ofJsonObject(chunksOf(file)))) {
      return isOwn((JSON.parse(line) ?? {}) as Readonly<Record<string, unknown>>);
    }
    return false;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}

type IsOwnHeader = (header: Readonly<Record<string, unknown>>) => boolean;

function isBundleHeader({ type, bundleVersion }: Readonly<Record<string, unknown>>): boolean {
  return type === 'header' && typeof bundleVersion === 'number';
}

const BRACE = 0x7b;

async function* ofJsonObject(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst && chunk[0] !== BRACE) return;
    isFirst = false;
    yield chunk;
  }
}
