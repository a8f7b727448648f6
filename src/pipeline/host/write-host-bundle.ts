import { createHash, type Hmac } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { HostAnswer, HostBundleHeader } from '../../collect/recorded/host-bundle-lines.ts';
import type { Secret } from '../../model/secret.ts';
import { noteUnfinished } from '../../model/unfinished.ts';
import { toOutputError, type WrittenOutput } from '../../report/output-error.ts';
import { assertReplaceable } from '../replaceable-bundle.ts';
import { macFor } from './shared-key.ts';

export const HOST_BUNDLE_OUTPUT: WrittenOutput = { noun: 'the host bundle', elsewhere: 'another file with --out' };

/** A host bundle being written: one JSON document a line, whole or not at all. */
export interface HostBundleWriter {
  put(answer: HostAnswer): Promise<void>;
  /** Seals it and puts the file in place. */
  commit(finishedAt: string): Promise<void>;
  /** Removes what was written so far. */
  abort(): Promise<void>;
}

/** The line that bears the MAC of all before it, and the last one, whose text is the digest of all before that. */
export function macLine(mac: string | null): string {
  return JSON.stringify({ type: 'mac', mac });
}
export function endLine(sha256: string): string {
  return JSON.stringify({ type: 'end', digest: `sha256:${sha256}` });
}

/** The MAC that a bundle is sealed with. */
export function bundleMac(key: Secret): Hmac {
  return macFor(key, 'bundle');
}

/**
 * @param key the shared key; null where none is configured, so that only a digest seals it
 * @throws OutputError where the file cannot be written, or something else than a host bundle is there
 */
export async function writeHostBundle(
  file: string,
  header: HostBundleHeader,
  key: Secret | null,
): Promise<HostBundleWriter> {
  await assertOwn(file);
  const temporary = `${file}.part-${process.pid}`;
  const stream = createWriteStream(temporary, { mode: 0o600, flags: 'wx' });
  const ended = noteUnfinished(temporary);
  let failure: unknown = null;
  const asOutputError = (error: unknown): unknown => toOutputError(error, file, HOST_BUNDLE_OUTPUT);
  stream.on('error', (error) => {
    failure ??= asOutputError(error);
  });
  await once(stream, 'open').catch((error: unknown) => {
    ended();
    throw asOutputError(error);
  });
  const digest = createHash('sha256');
  const mac = key === null ? null : bundleMac(key);
  const write = async (line: string): Promise<void> => {
    if (failure !== null) throw failure;
    await new Promise<void>((resolve, reject) => {
      stream.write(`${line}\n`, (error) => (error == null ? resolve() : reject(asOutputError(error))));
    });
  };
  const content = async (value: unknown): Promise<void> => {
    const line = JSON.stringify(value);
    digest.update(`${line}\n`);
    mac?.update(`${line}\n`);
    await write(line);
  };
  await content(header);
  return {
    put: content,
    async commit(finishedAt) {
      await content({ type: 'finished', finishedAt });
      const sealed = macLine(mac === null ? null : mac.digest('hex'));
      digest.update(`${sealed}\n`);
      await write(sealed);
      await write(endLine(digest.digest('hex')));
      const closed = once(stream, 'close');
      stream.end();
      await closed;
      if (failure !== null) throw failure;
      // Collecting takes a while, and somebody may have put a file there since.
      await assertOwn(file);
      await rename(temporary, file).catch((error: unknown) => {
        throw asOutputError(error);
      });
      ended();
    },
    async abort() {
      stream.destroy();
      await rm(temporary, { force: true });
      ended();
    },
  };
}

function assertOwn(file: string): Promise<void> {
  return assertReplaceable(
    file,
    HOST_BUNDLE_OUTPUT,
    ({ type, hostBundleVersion }) => type === 'host-bundle' && typeof hostBundleVersion === 'number',
  );
}
