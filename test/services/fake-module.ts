import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { programOnPath, unavailable } from './availability.ts';
import { pkcs11jsUnavailable } from './softhsm.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('./fake-module.c', import.meta.url));

/** Why a module that hangs and crashes on demand cannot be built here, or null. */
export function fakeModuleUnavailable(): string | null {
  const compiler = programOnPath(['gcc']) === null ? unavailable('gcc', 'gcc is not on PATH: install gcc') : null;
  return compiler ?? pkcs11jsUnavailable();
}

/** How the module misbehaves; the lines of its log are what was called. */
export interface FakeBehaviour {
  /** Function, or label that is looked for, in which it never returns. */
  readonly hang?: string;
  readonly crash?: string;
  /** In which it starts a helper that never ends and keeps open what it was given. */
  readonly fork?: string;
  readonly pin?: string;
  readonly serial?: string;
  /** More flags of CK_TOKEN_INFO. */
  readonly flags?: number;
  /** What its mechanisms are offered for. Default: unwrapping. */
  readonly mechanism?: 'decrypt' | 'none';
  /** Code (CKR_…) that every sample is refused with. */
  readonly proof?: number;
  /** Does not destroy what it made. */
  readonly keeps?: boolean;
}

export interface FakeModule {
  readonly path: string;
  environment(behaviour?: FakeBehaviour): Record<string, string>;
  /** Lines of what was called, with its number: flags of a session, type of a user or an attribute. */
  calls(): Promise<readonly string[]>;
  /** Begins a new log, for the environments asked for from now on. */
  forget(): void;
}

/** @param directory gets the module and its log */
export async function buildFakeModule(directory: string): Promise<FakeModule> {
  const headers = join(dirname(createRequire(import.meta.url).resolve('pkcs11js')), 'includes', 'pkcs11');
  const path = join(directory, 'fake-module.so');
  let logs = 1;
  const log = () => join(directory, `calls-${logs}.log`);
  await run('gcc', ['-shared', '-fPIC', '-O1', '-I', headers, '-o', path, SOURCE], { timeout: 60_000 });
  return {
    path,
    environment: ({ hang, crash, fork, pin = 'right-pin', serial, flags, mechanism, proof, keeps } = {}) => ({
      FAKE_LOG: log(),
      FAKE_PIN: pin,
      ...(hang === undefined ? {} : { FAKE_HANG: hang }),
      ...(crash === undefined ? {} : { FAKE_CRASH: crash }),
      ...(fork === undefined ? {} : { FAKE_FORK: fork }),
      ...(serial === undefined ? {} : { FAKE_SERIAL: serial }),
      ...(flags === undefined ? {} : { FAKE_FLAGS: String(flags) }),
      ...(mechanism === undefined ? {} : { FAKE_MECHANISM: mechanism }),
      ...(proof === undefined ? {} : { FAKE_PROOF: String(proof) }),
      ...(keeps === true ? { FAKE_KEEPS: 'yes' } : {}),
    }),
    async calls() {
      const text = await readFile(log(), 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean);
    },
    forget() {
      logs += 1;
    },
  };
}
