import { createHash } from 'node:crypto';
import {
  HOST_BUNDLE_VERSION,
  type HostAnswer,
  type HostBundleHeader,
  hostAnswerSchema,
  hostBundleHeaderSchema,
} from '../../collect/recorded/host-bundle-lines.ts';
import type { Secret } from '../../model/secret.ts';
import { BundleError } from '../bundle-file.ts';
import { byteLinesOf, chunksOf } from '../lines.ts';
import { isSameText } from './shared-key.ts';
import { bundleMac, endLine, macLine } from './write-host-bundle.ts';

/** What the seal of a host bundle told. */
export interface SealedBundle {
  readonly header: HostBundleHeader;
  /** `sha256:…` over all but the last line. */
  readonly digest: string;
  /** Whether it bears a MAC, which was checked where there is a key. */
  readonly isAuthenticated: boolean;
}

const COPY = 'Copy the file again from the host that wrote it, or collect there again: recoverage collect --plan.';

/**
 * Reads a host bundle once and checks that every byte of it is as it was written: its digest, and under a shared key its
 * MAC. A digest shows damage and careless changes; only a MAC shows that somebody with the key wrote it.
 *
 * @param key the shared key; null where none is configured
 * @throws BundleError
 */
export async function checkSeal(file: string, key: Secret | null): Promise<SealedBundle> {
  const place = JSON.stringify(file);
  const digest = createHash('sha256');
  const mac = key === null ? null : bundleMac(key);
  let bytes = 0;
  let length = 0;
  let header: HostBundleHeader | null = null;
  /** The last two lines, which are no content. */
  let held: string[] = [];
  for await (const line of lines(file, (chunk) => {
    bytes += chunk.length;
  })) {
    length += line.length + 1;
    // Not by its text: bytes that are no UTF-8 would become others.
    const text = line.toString('latin1');
    header ??= headerOf(file, line.toString('utf8'));
    held.push(text);
    const [content] = held.length > 2 ? held : [];
    if (content === undefined) continue;
    held = held.slice(1);
    digest.update(`${content}\n`, 'latin1');
    mac?.update(`${content}\n`, 'latin1');
  }
  const [sealed, end] = held;
  if (header === null || sealed === undefined || end === undefined || !/^\{"type":"end"/.test(end)) {
    throw new BundleError(`host bundle ${place} is cut off: its last line is not its seal`, COPY);
  }
  digest.update(`${sealed}\n`, 'latin1');
  const sum = digest.digest('hex');
  if (end !== endLine(sum) || bytes !== length) {
    throw new BundleError(`host bundle ${place} was altered or damaged on its way: its digest does not agree`, COPY);
  }
  const hasMac = sealed !== macLine(null);
  if (mac === null) return { header, digest: `sha256:${sum}`, isAuthenticated: false };
  if (!hasMac) {
    throw new BundleError(
      `host bundle ${place} bears no MAC, and digestKey is configured here`,
      'Write a new plan (recoverage plan), which names the key, and collect by it.',
    );
  }
  if (!isSameText(sealed, macLine(mac.digest('hex')))) {
    throw new BundleError(
      `host bundle ${place} bears a MAC that the digestKey of this host does not give`,
      'Let digestKey hold the same key on both hosts; if it does, somebody without the key wrote or altered the file.',
    );
  }
  return { header, digest: `sha256:${sum}`, isAuthenticated: true };
}

/**
 * The answers of a bundle whose seal was checked.
 *
 * @throws BundleError where one does not fit its schema, or the file is another by now
 */
export async function* answersOf(file: string, { digest }: SealedBundle): AsyncGenerator<HostAnswer> {
  const place = JSON.stringify(file);
  const seen = createHash('sha256');
  let number = 0;
  let before: Buffer | null = null;
  let isFinished = false;
  for await (const line of lines(file, () => undefined)) {
    number += 1;
    // All lines but the last are under the digest.
    if (before !== null) seen.update(before).update('\n');
    before = Buffer.from(line);
    if (number === 1 || isFinished) continue;
    const answer = answerIn(file, number, line.toString('utf8'));
    isFinished = answer.type === 'finished';
    yield answer;
  }
  if (!isFinished || `sha256:${seen.digest('hex')}` !== digest) {
    throw new BundleError(`host bundle ${place} was changed while it was read`, 'Run again when nobody writes it.');
  }
}

function headerOf(file: string, text: string): HostBundleHeader {
  const place = JSON.stringify(file);
  const json = jsonOf(text) as { type?: unknown; hostBundleVersion?: unknown } | null | undefined;
  if (json?.type === 'header') {
    throw new BundleError(
      `${place} is the bundle of a whole install, not of a host`,
      'Judge it with: recoverage judge --bundle. --with takes what recoverage collect --plan wrote.',
    );
  }
  if (json?.type !== 'host-bundle') {
    throw new BundleError(`${place} is no host bundle, or its beginning was altered`, COPY);
  }
  if (typeof json.hostBundleVersion === 'number' && json.hostBundleVersion > HOST_BUNDLE_VERSION) {
    throw new BundleError(
      `host bundle ${place} has version ${json.hostBundleVersion}, and this program reads up to ${HOST_BUNDLE_VERSION}`,
      'Use one version on both hosts.',
    );
  }
  const parsed = hostBundleHeaderSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw unfit(file, 1, parsed.error.issues[0]);
}

function answerIn(file: string, number: number, text: string): HostAnswer {
  const parsed = hostAnswerSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw unfit(file, number, parsed.error.issues[0]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unfit(file: string, number: number, issue: { path: PropertyKey[]; message: string } | undefined): BundleError {
  const what = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit its schema'}`;
  return new BundleError(`host bundle ${JSON.stringify(file)}, line ${number}: ${what}`, COPY);
}

async function* lines(file: string, onChunk: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(file)) {
      onChunk(chunk);
      yield chunk;
    }
  }
  try {
    yield* byteLinesOf(watched());
  } catch (error) {
    if (error instanceof BundleError) throw error;
    const reason = error instanceof RangeError ? error.message : (error as NodeJS.ErrnoException).code;
    throw new BundleError(
      `host bundle ${JSON.stringify(file)} cannot be read (${reason})`,
      'Name a file that recoverage collect --plan wrote.',
    );
  }
}
