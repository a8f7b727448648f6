import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHostProbe, type HostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { readHostFile } from '../../../../src/collect/hosts/read-host-file.ts';
import { readRunbook } from '../../../../src/collect/hosts/runbook.ts';
import { localFileProbe } from '../../../../src/collect/local-file-probe.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const KEY = 'a key of the tests';
const { signal } = new AbortController();
const scratch = scratchDirectory('unprivileged');
const at = (...names: readonly string[]) => join(scratch.path, ...names);
let probe: HostProbe;

/** The program of the probe as a user who may read nothing of root's. Its files are read before it becomes that user. */
async function unprivilegedProgram(): Promise<URL> {
  const own = pathToFileURL(join(import.meta.dirname, '../../../../src/collect/hosts/probe/probe-program.ts'));
  await writeFile(at('become.mjs'), 'if (process.getuid?.() === 0) process.setuid(65534);');
  await writeFile(at('program.mjs'), `import './become.mjs';\nimport ${JSON.stringify(own.href)};\n`);
  return pathToFileURL(at('program.mjs'));
}

beforeAll(async () => {
  await chmod(scratch.path, 0o711);
  await mkdir(at('state', 'closed'), { recursive: true });
  await mkdir(at('listed'));
  await mkdir(at('store', 'closed'), { recursive: true });
  await writeFile(at('file'), 'a secret', { mode: 0o600 });
  await writeFile(at('state', 'open'), 'x');
  await writeFile(at('store', 'document'), 'x');
  await writeFile(at('store', 'private'), 'x', { mode: 0o600 });
  await writeFile(at('store', 'closed', 'document'), 'x');
  await chmod(at('state', 'closed'), 0o000);
  await chmod(at('store', 'closed'), 0o000);
  await chmod(at('listed'), 0o111);
  probe = createHostProbe({ program: await unprivilegedProgram() });
});

afterAll(async () => {
  probe.close();
  for (const closed of [at('state', 'closed'), at('store', 'closed'), at('listed')]) await chmod(closed, 0o700);
  scratch[Symbol.dispose]();
});

/** Reason, message and remedy of what is refused. */
const refusal = (answer: Promise<unknown>) =>
  answer.then(
    (told) => `answered: ${JSON.stringify(told)}`,
    (error: unknown) =>
      error instanceof SourceError ? `${error.reason}: ${error.message}. ${error.remedy}` : String(error),
  );

describe('what the user of the audit may not read', () => {
  const access = () => ({ probe, digestKey: new Secret(KEY), signal });

  it('is unauthorized, with the path and what to grant: the state directory, a directory, a file', async () => {
    const mayNot = (path: string) => new RegExp(`^unauthorized: "${path}" may not be read\\. Let the user who runs`);
    expect(await refusal(readHostFile(access(), 'state-directory', at('state')))).toMatch(mayNot(at('state')));
    expect(await refusal(probe.ask({ ask: 'directory', path: at('listed') }, signal))).toMatch(mayNot(at('listed')));
    expect(await refusal(readHostFile(access(), 'bootstrap', at('file')))).toMatch(mayNot(at('file')));
    expect(await refusal(readRunbook(access(), at('file'), ['dumps']))).toMatch(mayNot(at('file')));
    const below = { ask: 'directory', path: at('state', 'closed', 'deep') } as const;
    expect(await refusal(probe.ask(below, signal))).toMatch(mayNot(below.path));
  });

  it('hides nothing else: what may be read beside it is told', async () => {
    const tree = { ask: 'tree', path: at('state'), key: KEY, except: null } as const;
    expect(await refusal(probe.ask(tree, signal))).toMatch(/^unauthorized/);
    expect(await probe.ask({ ask: 'directory', path: at('state') }, signal)).toMatchObject({ empty: false });
    const file = { ask: 'file', path: at('state', 'open'), key: KEY, most: 100 } as const;
    expect(await probe.ask(file, signal)).toMatchObject({ isFile: true, bytes: 1 });
  });

  it('is told of a file of a store without its name', async () => {
    const files = localFileProbe(at('store'), { probe, signal });
    const closed = await refusal(files.look('closed/document'));
    expect(closed).toMatch(/^unauthorized: files of the store cannot be looked at \(EACCES\)\. Allow the user/);
    const found = await files.look('private');
    if (found.is !== 'found') throw new Error('it is there');
    const unread = await refusal(files.checksum('private', found));
    expect(unread).toMatch(/^unauthorized: files of the store cannot be looked at \(EACCES\)/);
    expect(closed + unread).not.toMatch(/document|private/);
    expect(await files.look('document')).toMatchObject({ is: 'found', bytes: 1 });
  });

  it('makes a listing incomplete, which tells everything else before', async () => {
    const page = (isFirst: boolean) => probe.ask({ ask: 'listing', path: at('store'), isFirst }, signal);
    const { files, isLast } = await page(true);
    expect(files.map(({ path }) => path).sort()).toEqual(['document', 'private']);
    expect(isLast).toBe(false);
    expect(await refusal(page(false))).toMatch(
      new RegExp(`^unauthorized: a part of "${at('store')}" may not be read\\. See which`),
    );
  });
});
