import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { z } from 'zod';
import type { BundleSink } from '../collect/bundle-sink.ts';
import {
  BUNDLE_VERSION,
  type BundleHeader,
  type BundleTrailer,
  bundleLineSchema,
  type ComparedPart,
  comparedLineSchema,
  type InstallPart,
  type OrganizationPart,
  organizationPartSchema,
} from '../model/bundle.ts';
import { noteUnfinished } from '../model/unfinished.ts';
import { BUNDLE_OUTPUT, toOutputError, type WrittenOutput } from '../report/output-error.ts';
import { byteLinesOf, chunksOf, linesOf } from './lines.ts';
import { assertReplaceable } from './replaceable-bundle.ts';

/** A bundle that cannot be used: cut off, damaged, or written by a newer version. Exit code 3. */
export class BundleError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'BundleError';
    this.hint = hint;
  }
}

/** A bundle being written: one JSON document a line, whole or not at all. */
export interface BundleWriter {
  readonly sink: BundleSink;
  /** Puts the file in place. */
  commit(): Promise<void>;
  /** Removes what was written so far. */
  abort(): Promise<void>;
}

/**
 * @param output how messages call the file
 * @throws OutputError where the file cannot be written, or something else than a bundle is there
 */
export async function writeBundle(
  file: string,
  header: BundleHeader,
  output: WrittenOutput = BUNDLE_OUTPUT,
): Promise<BundleWriter> {
  await assertReplaceable(file, output);
  const temporary = `${file}.part-${process.pid}`;
  const asOutputError = (error: unknown): never => {
    throw toOutputError(error, file, output);
  };
  const stream = createWriteStream(temporary, { mode: 0o600, flags: 'wx' });
  const ended = noteUnfinished(temporary);
  await once(stream, 'open').catch((error: unknown) => {
    ended();
    return asOutputError(error);
  });
  let failure: unknown = null;
  stream.on('error', (error) => {
    failure ??= toOutputError(error, file, output);
  });
  const line = async (value: unknown): Promise<void> => {
    if (failure !== null) throw failure;
    if (!stream.write(`${JSON.stringify(value)}\n`)) await drained(stream).catch(asOutputError);
    if (failure !== null) throw failure;
  };
  await line(header);
  return {
    sink: { install: line, organization: line, finish: line },
    async commit() {
      stream.end();
      await once(stream, 'close').catch(asOutputError);
      if (failure !== null) throw failure;
      // Collecting takes hours, and somebody may have put a file there since.
      await assertReplaceable(file, output);
      await rename(temporary, file).catch(asOutputError);
      ended();
    },
    async abort() {
      stream.destroy();
      await rm(temporary, { force: true });
      ended();
    },
  };
}

/** Resolves when the stream takes more, or when it closed because it cannot; leaves no listener behind. */
async function drained(stream: WriteStream): Promise<void> {
  const either = new AbortController();
  const seen = ['drain', 'close'].map((event) => once(stream, event, { signal: either.signal }));
  try {
    await Promise.race(seen);
  } finally {
    either.abort();
    await Promise.allSettled(seen);
  }
}

/** One line of a bundle, parsed. */
export type BundleLine = BundleHeader | InstallPart | OrganizationPart | BundleTrailer;

/** One line of a bundle, parsed as far as comparing all organizations looks at it. */
export type ComparedLine = BundleHeader | InstallPart | ComparedPart | BundleTrailer;

/**
 * Reads a bundle line by line in bounded memory, checking every line against its schema, and that it begins with a
 * header and ends with a trailer.
 *
 * @param onDigest told the SHA-256 of the file's bytes once it was read to its end
 * @throws BundleError
 */
export function readBundle(file: string, onDigest?: (digest: string) => void): AsyncGenerator<BundleLine> {
  if (onDigest === undefined) return read(file, bundleLineSchema, ignored, ignored);
  const hash = createHash('sha256');
  const seen = (chunk: Buffer): void => void hash.update(chunk);
  return read(file, bundleLineSchema, seen, () => onDigest(sha256Of(hash)));
}

/**
 * Like {@link readBundle} for the comparison of all organizations: of their parts only what is compared is parsed and
 * checked. The rest must be read again to be judged, and is checked then.
 *
 * @param onSum told the sum of the file's bytes once it was read to its end
 */
export function readToCompare(file: string, onSum: (sum: ByteSum) => void): AsyncGenerator<ComparedLine> {
  const sum = { bytes: 0, crc32: 0 };
  return read(
    file,
    comparedLineSchema,
    (chunk) => add(sum, chunk),
    () => onSum(sum),
  );
}

/**
 * What tells whether a file is still the one that was read before: no proof against somebody who chooses the bytes, which
 * the digest is for, but a small part of its cost.
 */
export interface ByteSum {
  readonly bytes: number;
  /** CRC-32 as in RFC 1952. */
  readonly crc32: number;
}

function add(sum: { bytes: number; crc32: number }, chunk: Buffer): void {
  sum.bytes += chunk.length;
  sum.crc32 = crc32(chunk, sum.crc32);
}

async function* read<L extends ComparedLine>(
  file: string,
  schema: z.ZodType<L>,
  onChunk: (chunk: Buffer) => void,
  onEnd: () => void,
): AsyncGenerator<L> {
  let number = 0;
  let parts = 0;
  let previous: string | null = null;
  let trailer: BundleTrailer | null = null;
  for await (const text of namingFile(file, linesOf(watched(file, onChunk)))) {
    number += 1;
    if (trailer !== null) throw damaged(file, number, 'there is something after its end');
    const line = parseLine(file, number, text, schema);
    if ((number === 1) !== (line.type === 'header')) throw damaged(file, number, 'the header is not its first line');
    if (line.type === 'organization') {
      parts += 1;
      if (line.organizationId === previous) throw damaged(file, number, 'an organization is there twice');
      previous = line.organizationId;
    }
    if (line.type === 'trailer') {
      trailer = line;
      if (line.organizationParts !== parts)
        throw damaged(file, number, `${line.organizationParts} organizations were written and ${parts} are there`);
    }
    yield line;
  }
  if (trailer === null) {
    throw new BundleError(`bundle ${file} is cut off after line ${number}`, 'Collect again: recoverage collect.');
  }
  onEnd();
}

/** One line that was read as an organization's part before. @throws BundleError where it does not fit its schema */
export function parsePart(file: string, number: number, text: string): OrganizationPart {
  return parseLine(file, number, text, organizationPartSchema);
}

/**
 * The lines of a bundle as bytes, unchecked: for what was read and checked before.
 *
 * @param before the sum of the file when it was read before
 * @param onDigest told the SHA-256 of the file's bytes once it was read to its end
 * @throws BundleError where it cannot be read, and at its end where it is another one by now
 */
export async function* readAgain(
  file: string,
  before: ByteSum,
  onDigest: (digest: string) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const sum = { bytes: 0, crc32: 0 };
  const seen = (chunk: Buffer): void => {
    hash.update(chunk);
    add(sum, chunk);
  };
  yield* namingFile(file, byteLinesOf(watched(file, seen)));
  if (sum.bytes === before.bytes && sum.crc32 === before.crc32) {
    onDigest(sha256Of(hash));
    return;
  }
  throw new BundleError(`bundle ${file} was changed while it was judged`, 'Judge it again when nobody writes it.');
}

function ignored(): void {
  // Nobody wants to know.
}

async function* watched(file: string, onChunk: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunksOf(file)) {
    onChunk(chunk);
    yield chunk;
  }
}

function sha256Of(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}

/** @throws BundleError where the file cannot be read */
async function* namingFile<L>(file: string, lines: AsyncGenerator<L>): AsyncGenerator<L> {
  try {
    yield* lines;
  } catch (error) {
    const reason = error instanceof RangeError ? error.message : (error as NodeJS.ErrnoException).code;
    throw new BundleError(`bundle ${file} cannot be read (${reason})`, 'Name a file that recoverage collect wrote.');
  }
}

function parseLine<L>(file: string, number: number, text: string, schema: z.ZodType<L>): L {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(file, number, 'it is no JSON');
  }
  const version = (json as { bundleVersion?: unknown } | null)?.bundleVersion;
  if (typeof version === 'number' && version > BUNDLE_VERSION) {
    throw new BundleError(
      `bundle ${file} has version ${version}, and this program reads up to ${BUNDLE_VERSION}`,
      'Judge it with the version that wrote it, or a newer one.',
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(file, number, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`);
}

function damaged(file: string, line: number, what: string): BundleError {
  return new BundleError(
    `bundle ${file}, line ${line}: ${what}`,
    'The file was altered or is no bundle; collect again.',
  );
}
