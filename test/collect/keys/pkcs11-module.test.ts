import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPkcs11Child } from '../../../src/collect/keys/pkcs11-child.ts';
import { type TokenReading, tokenReadingSchema } from '../../../src/collect/keys/pkcs11-messages.ts';
import { type Pkcs11Access, type Pkcs11Token, pkcs11Token } from '../../../src/collect/keys/pkcs11-token.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import {
  buildFakeModule,
  type FakeBehaviour,
  type FakeModule,
  fakeModuleUnavailable,
} from '../../services/fake-module.ts';
import { type ScratchDirectory, scratchDirectory, waitUntil } from '../../services/scratch.ts';
import { expectNoSecret } from '../conformance/source-conformance.ts';

/** Planted: it must turn up nowhere. */
const PIN = 'CANARY-pin-4410';
/** Long enough for a process to start on a busy machine. */
const TIMEOUT_MILLIS = 3000;
const PIN_LAST_TRY = 0x20000;
const PIN_LOCKED = 0x40000;

async function failureOf(answer: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await answer.then(
    () => expect.fail('it answered'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw error;
  expectNoSecret(error, PIN);
  expect(error.message).toMatch(/[^.\s]$/);
  expect(error.remedy).toMatch(/^[A-Z]/);
  return error;
}

const label = (value: string) => ({ by: 'label', value }) as const;

describe.skipIf(fakeModuleUnavailable())('a vendor’s module that misbehaves', () => {
  let scratch: ScratchDirectory;
  let fake: FakeModule;
  let serial = 0;
  const open: Pkcs11Token[] = [];

  beforeAll(async () => {
    scratch = scratchDirectory('fake-module');
    fake = await buildFakeModule(scratch.path);
  });
  beforeEach(() => {
    for (const one of open.splice(0)) one.close();
    fake.forget();
    // What was refused is remembered by token, for the life of this process.
    serial += 1;
  });
  afterAll(() => {
    for (const one of open) one.close();
    scratch?.[Symbol.dispose]();
  });

  function token(behaviour: FakeBehaviour = {}, changes: Partial<Pkcs11Access> = {}): Pkcs11Token {
    const opened = pkcs11Token({
      module: fake.path,
      token: { label: 'fake', serial: null },
      pin: new Secret(PIN),
      environment: fake.environment({ pin: PIN, serial: `serial-${serial}`, ...behaviour }),
      timeoutMillis: 20_000,
      signal: new AbortController().signal,
      ...changes,
    });
    open.push(opened);
    return opened;
  }
  const times = async (what: string) => (await fake.calls()).filter((line) => line.startsWith(`${what} `)).length;

  it('answers where it behaves, and is asked for nothing but to read', async () => {
    const well = token();
    expect(await well.reading()).toMatchObject({
      label: 'fake',
      firmware: '7.4',
      module: 'fake module 1.0',
      freePrivateBytes: null,
      totalPrivateBytes: 4096,
      maxSessions: 16,
    });
    expect(await well.objects(label('acme'))).toMatchObject([{ label: 'acme', id: '01', checkValue: null }]);
    expect(await well.objects(label('missing'))).toEqual([]);
    const calls = await fake.calls();
    expect(calls.filter((line) => line.startsWith('C_OpenSession'))).toEqual(['C_OpenSession 4']);
    expect(calls.filter((line) => line.startsWith('C_Login'))).toEqual(['C_Login 1']);
    well.close();
    await waitUntil('the module is logged out of', async () => ((await times('C_Finalize')) === 1 ? true : null), 5000);
    expect((await fake.calls()).slice(-3)).toEqual(['C_Logout 0', 'C_CloseSession 0', 'C_Finalize 0']);
  });

  it('whose texts hold control characters breaks no line', async () => {
    expect((await token({ serial: 'a\nb\u001b[2J' }).reading()).serial).toBe('a?b?[2J');
  });

  it.each(['C_Initialize', 'C_GetSlotList', 'C_GetTokenInfo', 'C_Login'])(
    'that hangs in %s is a timeout, within the limit, and is not asked again',
    async (hang) => {
      const began = performance.now();
      const hanging = token({ hang }, { timeoutMillis: TIMEOUT_MILLIS });
      expect((await failureOf(hanging.reading())).reason).toBe('timeout');
      expect(performance.now() - began).toBeLessThan(TIMEOUT_MILLIS + 3000);
      const again = performance.now();
      expect((await failureOf(hanging.objects(label('acme')))).reason).toBe('timeout');
      expect(performance.now() - again).toBeLessThan(TIMEOUT_MILLIS / 2);
      expect(await times('C_Initialize')).toBeLessThanOrEqual(1);
    },
  );

  it.each(['C_Initialize', 'C_GetTokenInfo', 'C_OpenSession', 'C_Login'])(
    'that crashes in %s costs a blind spot and not the run, and is not asked again',
    async (crash) => {
      const crashing = token({ crash });
      const error = await failureOf(crashing.reading());
      expect(error).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('SIGSEGV') });
      expect((await failureOf(crashing.objects(label('acme')))).message).toBe(error.message);
      expect(await times('C_Initialize')).toBe(1);
    },
  );

  it.each<[string, FakeBehaviour, string]>([
    ['crashes', { crash: 'evil' }, 'unreachable'],
    ['hangs', { hang: 'evil' }, 'timeout'],
  ])(
    'that %s on one key answers for the keys of others, with the PIN that it accepted',
    async (_, behaviour, reason) => {
      const one = token(behaviour, { timeoutMillis: TIMEOUT_MILLIS });
      expect(await one.objects(label('before'))).toHaveLength(1);
      const answers = await Promise.allSettled([
        one.objects(label('evil')),
        one.objects(label('acme')),
        one.objects(label('missing')),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
      expect((await failureOf(one.objects(label('evil')))).reason).toBe(reason);
      expect(await one.objects(label('after'))).toHaveLength(1);
    },
  );

  it('that crashes on every key is given up', async () => {
    const one = token({ crash: 'C_FindObjectsInit' });
    for (let attempt = 0; attempt < 8; attempt += 1) await failureOf(one.objects(label(`key-${attempt}`)));
    expect(await times('C_Initialize')).toBe(4);
  });

  it('is given a wrong PIN once, whoever asks and however often', async () => {
    const wrong = { pin: 'another-pin' };
    const [first, second] = [token(wrong), token(wrong)];
    const errors = await Promise.all([
      failureOf(first.reading()),
      failureOf(second.reading()),
      failureOf(first.objects(label('acme'))),
    ]);
    expect(errors.map(({ reason }) => reason)).toEqual(['unauthorized', 'unauthorized', 'unauthorized']);
    await failureOf(token(wrong).objects(label('acme')));
    expect(await times('C_Login')).toBe(1);
  });

  it('is not given the PIN that would be its last, nor one that is locked', async () => {
    const last = await failureOf(token({ flags: PIN_LAST_TRY }).reading());
    expect(last).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('none was tried') });
    const locked = await failureOf(token({ flags: PIN_LOCKED }).reading());
    expect(locked).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('is locked') });
    expect(await times('C_Login')).toBe(0);
  });

  it('whose audit is interrupted is ended at once', async () => {
    const interruption = new AbortController();
    const hanging = token({ hang: 'evil' }, { signal: interruption.signal });
    await hanging.reading();
    const asked = failureOf(hanging.objects(label('evil')));
    await waitUntil('it hangs', async () => ((await times('C_FindObjectsInit')) === 1 ? true : null), 5000);
    interruption.abort(new Error('interrupted'));
    expect((await asked).reason).toBe('not-asked');
  });

  it.each(['C_Logout', 'C_Finalize'])('that hangs in %s at the end is ended all the same', async (hang) => {
    const before = new Set(childrenOf(process.pid));
    const hanging = token({ hang });
    await hanging.reading();
    const pids = childrenOf(process.pid).filter((pid) => !before.has(pid) && commandOf(pid).includes('pkcs11-process'));
    expect(pids).toHaveLength(1);
    hanging.close();
    await waitUntil('it is asked to end', async () => ((await times(hang)) === 1 ? true : null), 5000);
    await waitUntil(
      'the process ends',
      async () => (childrenOf(process.pid).some((pid) => pids.includes(pid)) ? null : true),
      6000,
    );
  });

  it.each<[string, FakeBehaviour]>([
    ['and answers', {}],
    ['and hangs', { hang: 'acme' }],
    ['and crashes', { crash: 'acme' }],
  ])('that starts a helper %s keeps no audit from its end, and the helper ends with it', async (_, behaviour) => {
    const environment = fake.environment({ pin: PIN, serial: `serial-${serial}`, fork: 'C_Initialize', ...behaviour });
    const script = `
      const { pkcs11Token } = await import(${JSON.stringify(pathToFileURL(resolve('src/collect/keys/pkcs11-token.ts')).href)});
      const { Secret } = await import(${JSON.stringify(pathToFileURL(resolve('src/model/secret.ts')).href)});
      const one = pkcs11Token({
        module: ${JSON.stringify(fake.path)}, token: { label: 'fake', serial: null }, pin: new Secret('${PIN}'),
        environment: ${JSON.stringify(environment)}, timeoutMillis: ${TIMEOUT_MILLIS}, signal: new AbortController().signal,
      });
      const said = await one.objects({ by: 'label', value: 'acme' }).then(() => 'answered', ({ reason }) => reason);
      console.log(said);
      one.close();`;
    const run = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 20_000,
    });
    expect(run.stdout.trim()).toBe(behaviour.hang ? 'timeout' : behaviour.crash ? 'unreachable' : 'answered');
    await waitUntil('the helper ends', async () => (withLog(environment['FAKE_LOG']).length === 0 ? true : null), 5000);
  });

  it('sees neither the environment of the audit nor its arguments, and the PIN is in neither', async () => {
    process.env['RECOVERAGE_TEST_CANARY'] = PIN;
    const before = new Set(childrenOf(process.pid));
    const one = token();
    await one.reading();
    const pids = childrenOf(process.pid).filter((pid) => !before.has(pid) && commandOf(pid).includes('pkcs11-process'));
    delete process.env['RECOVERAGE_TEST_CANARY'];
    expect(pids).toHaveLength(1);
    const [pid = 0] = pids;
    expect(commandOf(pid)).toMatch(/pkcs11-process\.ts\0$/);
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((line) => line.split('=')[0]);
    // The fake module is told its right PIN by its environment; nothing else may be there.
    expect(names.filter((name) => name !== '' && !name?.startsWith('FAKE_')).sort()).toEqual(
      expect.arrayContaining(['LC_ALL', 'NODE_CHANNEL_FD', 'PATH', 'TZ']),
    );
    expect(names).not.toContain('RECOVERAGE_TEST_CANARY');
    expect(names).not.toContain('HOME');
    one.close();
    await waitUntil('the process ends', async () => (childrenOf(process.pid).includes(pid) ? null : true), 5000);
  });

  it('where the optional package is missing, says how to install it', async () => {
    // The program alone, with no packages beside it.
    for (const directory of ['collect/keys', 'collect/guard', 'model']) {
      cpSync(`src/${directory}`, join(scratch.path, 'src', directory), { recursive: true });
    }
    const child = startPkcs11Child({
      locator: 'PKCS#11 token "fake"',
      environment: {},
      timeoutMillis: 20_000,
      signal: new AbortController().signal,
      program: join(scratch.path, 'src/collect/keys/pkcs11-process.ts'),
    });
    const question = { ask: 'open', module: fake.path, token: { label: 'fake', serial: null }, prove: false } as const;
    const error = await failureOf(child.ask<TokenReading>(question, tokenReadingSchema));
    child.end();
    expect(error).toMatchObject({ reason: 'unsupported', remedy: expect.stringContaining('npm install pkcs11js') });
  });

  it('that sends what is no answer is ended, and malformed', async () => {
    const child = startPkcs11Child({
      locator: 'PKCS#11 token "fake"',
      environment: fake.environment({ pin: PIN }),
      timeoutMillis: 20_000,
      signal: new AbortController().signal,
    });
    const question = { ask: 'open', module: fake.path, token: { label: 'fake', serial: null }, prove: false } as const;
    const error = await failureOf(child.ask(question, tokenReadingSchema.extend({ more: tokenReadingSchema })));
    expect(error.reason).toBe('malformed');
    expect(child.isGone).toBe(true);
  });
});

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Processes that were given this log. */
function withLog(log = ''): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`FAKE_LOG=${log}\0`);
    } catch {
      return false;
    }
  });
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
