import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { toolUnavailable, unavailable } from './availability.ts';
import type { TokenChange } from './seed-token.ts';

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 60_000;
/** Where Debian puts SoftHSM's module, and opensc's, which writes down every call of another. */
const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
const SPY = '/usr/lib/x86_64-linux-gnu/pkcs11-spy.so';
const SEED = fileURLToPath(new URL('./seed-token.ts', import.meta.url));

/** Why the package that speaks to modules cannot be used here, or null. It is optional, and compiled where it is installed. */
export function pkcs11jsUnavailable(): string | null {
  try {
    createRequire(import.meta.url)('pkcs11js');
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    const remedy = 'install g++, make and python3, then run: npm install';
    return unavailable('softhsm', `the optional package pkcs11js is not installed here (${code}); ${remedy}`);
  }
}

/** Why SoftHSM cannot be had here, or null. */
export function softHsmUnavailable(): string | null {
  return (
    toolUnavailable('softhsm', ['softhsm2-util']) ??
    (isReadable(MODULE) ? null : unavailable('softhsm', `${MODULE} is not there: install softhsm2`)) ??
    pkcs11jsUnavailable()
  );
}

/** Why calls of SoftHSM cannot be written down here, or null. */
export function spyUnavailable(): string | null {
  return isReadable(SPY) ? null : unavailable('softhsm', `${SPY} is not there: install opensc-pkcs11`);
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** An installation of SoftHSM with a configuration of its own. */
export interface SoftHsm {
  readonly module: string;
  /** What the module finds its tokens by. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes a token; gives its serial number. */
  readonly createToken: (label: string, pin: string) => Promise<string>;
  /** Adds and removes keys, as the administrator of the HSM would. */
  readonly change: (token: string, pin: string, change: Omit<TokenChange, 'module' | 'token' | 'pin'>) => Promise<void>;
  /** Digests of the files of all objects; of the tokens themselves only the names, as a login is written down there. */
  readonly digests: () => Promise<Readonly<Record<string, string>>>;
  /** A module that writes down what is called, and the function that reads it. */
  readonly spied: () => SpiedModule;
}

export interface SpiedModule {
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Names of the functions that were called, in their order. */
  readonly calls: () => Promise<readonly string[]>;
}

/** @param directory an empty directory for the tokens */
export async function softHsm(directory: string): Promise<SoftHsm> {
  const tokens = join(directory, 'tokens');
  await mkdir(tokens, { recursive: true });
  const configuration = join(directory, 'softhsm2.conf');
  await writeFile(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const environment = { SOFTHSM2_CONF: configuration };
  return {
    module: MODULE,
    environment,
    async createToken(label, pin) {
      const args = ['--init-token', '--free', '--label', label, '--so-pin', 'security-officer', '--pin', pin];
      await run('softhsm2-util', args, { env: { ...process.env, ...environment }, timeout: COMMAND_TIMEOUT_MS });
      const shown = await run('softhsm2-util', ['--show-slots'], {
        env: { ...process.env, ...environment },
        timeout: COMMAND_TIMEOUT_MS,
      });
      const found = shown.stdout
        .split(/^Slot /m)
        .find((slot) => new RegExp(`^\\s*Label:\\s+${label}\\s*$`, 'm').test(slot));
      const serial = /^\s*Serial number:\s+(\w+)/m.exec(found ?? '')?.[1];
      if (serial === undefined) throw new Error(`SoftHSM shows no token ${label}`);
      return serial;
    },
    change: (token, pin, change) => seed({ module: MODULE, token, pin, ...change }, environment),
    async digests() {
      const found: Record<string, string> = {};
      for (const file of (await readdir(tokens, { recursive: true })).sort()) {
        if (!/\.(object|lock)$/.test(file)) continue;
        const isOfToken = /token\.(object|lock)$/.test(file);
        found[file] = isOfToken
          ? 'there'
          : createHash('sha256')
              .update(await readFile(join(tokens, file)))
              .digest('hex');
      }
      return found;
    },
    spied() {
      const log = join(directory, 'calls.log');
      return {
        module: SPY,
        environment: { ...environment, PKCS11SPY: MODULE, PKCS11SPY_OUTPUT: log },
        async calls() {
          const text = await readFile(log, 'utf8');
          return [...text.matchAll(/^\d+: (C_\w+)$/gm)].map((match) => match[1] ?? '');
        },
      };
    },
  };
}

/** A process holds one module with one configuration, so that each change is made by one of its own. */
function seed(change: TokenChange, environment: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SEED], {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: COMMAND_TIMEOUT_MS,
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the keys of token ${change.token} could not be changed: ${complaint.slice(-400)}`));
    });
    child.stdin.end(JSON.stringify(change));
  });
}
