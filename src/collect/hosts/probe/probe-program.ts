import { lstatSync, opendirSync, readFileSync, readSync, realpathSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { instantOrNull } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { type CertificateReading, firstCertificate, readCertificate } from '../certificate-reading.ts';
import { keyedDigest } from '../file-digest.ts';
import { placeInFileSystem } from '../file-system-place.ts';
import { readLicense } from '../license-reading.ts';
import { attachmentOf, mountTable } from '../mounted-on.ts';
import { diskOf } from './disk-answer.ts';
import { checksumOf, lookUp } from './file-lookup.ts';
import {
  type DirectoryAnswer,
  type FileAnswer,
  type LicenseAnswer,
  NO_CERTIFICATE,
  type ProbeAnswers,
  type ProbeMessage,
  type ProbeTask,
} from './probe-messages.ts';
import { searchRunbook } from './runbook-reading.ts';
import { settingsText } from './settings-text.ts';
import { type ListingPage, storeListing } from './store-listing.ts';
import { digestTree } from './tree-digest.ts';

/*
 * What runs in the process of host-probe.ts: looks at paths, each waiting for the system, and answers with plain data.
 * A line of JSON is a task, a line an answer. It ends with its input. Nobody tells it to stop: it is ended.
 */

const [INPUT, OUTPUT] = [0, 1];

function tell(message: ProbeMessage): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) at += writeSync(OUTPUT, line, at);
}

function fileAnswer({ path, key, most }: Extract<ProbeTask, { ask: 'file' }>): FileAnswer {
  return fileWithContents(path, key, most)?.file ?? null;
}

/** The contents of a small file stay in this process. */
function fileWithContents(path: string, key: string, most: number) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const contents = found.isFile() && found.size <= most ? readFileSync(path) : null;
  const file: NonNullable<FileAnswer> = {
    isFile: found.isFile(),
    isDirectory: found.isDirectory(),
    isLink: lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true,
    mode: (found.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: `${found.uid}:${found.gid}`,
    bytes: found.size,
    modifiedAt: instantOrNull(Math.trunc(found.mtimeMs)),
    digest: contents === null ? null : keyedDigest(key, contents),
    text: contents === null ? null : settingsText(contents),
  };
  return { file, contents };
}

function licenseAnswer({ path, key, most }: Extract<ProbeTask, { ask: 'license' }>): LicenseAnswer {
  const found = fileWithContents(path, key, most);
  if (found === null) return null;
  return { ...found.file, says: found.contents === null ? null : readLicense(found.contents) };
}

/** @throws Error with code NO_CERTIFICATE, and what node:fs throws */
function certificateAnswer({ path, most }: Extract<ProbeTask, { ask: 'certificate' }>): CertificateReading {
  const found = statSync(path);
  const pem = found.isFile() && found.size <= most ? readFileSync(path, 'latin1') : '';
  const certificate = firstCertificate(pem);
  const reading = certificate === null ? null : readCertificate(certificate);
  if (reading === null) throw Object.assign(new Error('no certificate'), { code: NO_CERTIFICATE });
  return reading;
}

function directoryAnswer(path: string): DirectoryAnswer {
  if (!statSync(path).isDirectory()) return { isDirectory: false, empty: false };
  const directory = opendirSync(path);
  try {
    return { isDirectory: true, empty: directory.readSync() === null, disk: diskOf(path) };
  } finally {
    directory.closeSync();
  }
}

function placeAnswer(path: string): ProbeAnswers['place'] {
  const real = realpathSync(path);
  const [self = '', ...above] = inodesOf(real);
  const named = placeInFileSystem(mountTable(), real);
  return { path: real, self: [self, ...named.self], above: [...above, ...named.above], mounted: named.mounted };
}

function inodesOf(path: string): readonly string[] {
  const chain: string[] = [];
  let at = path;
  while (true) {
    const { dev, ino } = statSync(at, { bigint: true });
    chain.push(`${dev}:${ino}`);
    const above = dirname(at);
    if (above === at) return chain;
    at = above;
  }
}

const goesOn = (): void => tell({ alive: true });
let listing: (() => Promise<ListingPage>) | null = null;

type Answer = ProbeAnswers[keyof ProbeAnswers];

function answerTo(task: ProbeTask): Answer | Promise<Answer> {
  switch (task.ask) {
    case 'file':
      return fileAnswer(task);
    case 'license':
      return licenseAnswer(task);
    case 'certificate':
      return certificateAnswer(task);
    case 'tree':
      return digestTree(task.path, { key: task.key, except: task.except, onProgress: goesOn });
    case 'directory':
      return directoryAnswer(task.path);
    case 'place':
      return placeAnswer(task.path);
    case 'attachment':
      return attachmentOf(task.path);
    case 'runbook':
      return searchRunbook(task);
    case 'lookup':
      return lookUp(task.path, task.steps);
    case 'checksum':
      return checksumOf(task.path, task.steps, goesOn);
    case 'listing':
      if (task.isFirst || listing === null) listing = storeListing(task.path, goesOn);
      return listing();
  }
}

async function serve(line: string): Promise<void> {
  try {
    tell({ answer: await answerTo(JSON.parse(line) as ProbeTask) });
  } catch (error) {
    if (error instanceof SourceError) {
      tell({ unlisted: { reason: error.reason, detail: error.message, remedy: error.remedy } });
      return;
    }
    tell({ failure: { code: (error as NodeJS.ErrnoException).code ?? 'error' } });
  }
}

const buffer = Buffer.alloc(64 * 1024);
const decoder = new StringDecoder('utf8');
let begun = '';
for (let read = readSync(INPUT, buffer); read > 0; read = readSync(INPUT, buffer)) {
  begun += decoder.write(buffer.subarray(0, read));
  for (let end = begun.indexOf('\n'); end >= 0; end = begun.indexOf('\n')) {
    const line = begun.slice(0, end);
    begun = begun.slice(end + 1);
    // What it waits for is done when it is asked: nothing here waits for the system otherwise than by stopping.
    await serve(line);
  }
}
