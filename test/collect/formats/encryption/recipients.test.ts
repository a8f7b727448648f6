import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAge } from '../../../../src/collect/formats/encryption/age-header.ts';
import { describeOpenPgp } from '../../../../src/collect/formats/encryption/openpgp-message.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { fixture, recognizeBytes } from '../pg-dump/fixtures.ts';

const DUMP = fixture('pg15-custom.dump');

async function described(bytes: Uint8Array): Promise<string> {
  const structure = await recognizeBytes(bytes, 'structure');
  expect(await recognizeBytes(bytes, 'full')).toEqual(structure);
  if (structure.kind !== 'encrypted') expect.fail(`recognized as ${structure.kind}`);
  return structure.what;
}

describe('files by age', () => {
  let scratch: ScratchDirectory;
  beforeAll(() => {
    scratch = scratchDirectory('age');
  });
  afterAll(() => scratch?.[Symbol.dispose]());
  const age = (...options: string[]): Buffer => execFileSync('age', options, { input: DUMP, timeout: 30_000 });
  const recipient = (name: string): string => {
    const key = join(scratch.path, name);
    execFileSync('age-keygen', ['-o', key], { timeout: 30_000, stdio: 'ignore' });
    return /public key: (\S+)/.exec(readFileSync(key, 'utf8'))?.[1] ?? '';
  };

  it('tell how many X25519 identities open them, binary, armored and in gzip', async () => {
    const [one, other] = [recipient('one'), recipient('other')];
    const single = 'a file encrypted with age: it opens with an X25519 identity that it does not name';
    const both = 'a file encrypted with age: it opens with any of 2 X25519 identities that it does not name';
    expect(await described(age('-r', one))).toBe(single);
    expect(await described(age('-r', one, '-r', other))).toBe(both);
    expect(await described(age('-a', '-r', one, '-r', other))).toBe(both);
    expect(await described(gzipSync(age('-r', one)))).toMatch(/age, inside a gzip file: it opens with an X25519/);
  });

  it('tell the SSH keys by the beginning of their SHA-256', async () => {
    const key = join(scratch.path, 'ssh');
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], { timeout: 30_000 });
    // Composed where there is no ssh-keygen: the tag is what is shown, whatever it is.
    const bytes =
      made.status === 0
        ? age('-R', `${key}.pub`)
        : Buffer.from('age-encryption.org/v1\n-> ssh-ed25519 q0Kx9w AA\nAA\n--- ');
    expect(await described(bytes)).toMatch(/opens with the ssh-ed25519 key whose SHA-256 begins with \S{6} in base64/);
  });

  it('tell a passphrase, plug-ins, and more recipients than fit the first look', () => {
    const header = (lines: string): string => `age-encryption.org/v1\n${lines}--- ${'A'.repeat(43)}\n`;
    const about = (lines: string): string => describeAge(Buffer.from(header(lines)));
    expect(about('-> scrypt c2FsdA 18\nAAAA\n')).toBe('it opens with a passphrase');
    expect(about('-> piv-p256 qTag00 AAAA\nAAAA\n-> x-grease a\n\n')).toBe(
      'it opens with an identity of the plug-in kind piv-p256 (qTag00)',
    );
    expect(about('-> X25519 A\nAA\n'.repeat(90))).toBe(
      'it opens with any of 90 X25519 identities that it does not name',
    );
    expect(about('-> ssh-rsa AAAAAA\nAA\n'.repeat(20))).toMatch(/, or 8 more$|or 8 more$/);
    expect(describeAge(Buffer.from('age-encryption.org/v1\n-> X25519 A\nAA'))).toMatch(
      /goes on beyond what was read, or is cut/,
    );
  });
});

describe('files by GnuPG', () => {
  let scratch: ScratchDirectory;
  const gpg = (...options: string[]): Buffer =>
    execFileSync('gpg', ['--homedir', scratch.path, '--batch', '--yes', '--trust-model', 'always', ...options], {
      input: DUMP,
      timeout: 120_000,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  /** The key id of the encryption subkey, as a message names it. */
  const keyOf = (user: string): string => {
    // Without input: gpg does not read it here, and may have ended before it is written.
    const listed = execFileSync('gpg', ['--homedir', scratch.path, '--batch', '--with-colons', '--list-keys', user], {
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines = listed.toString().split('\n');
    return lines.find((line) => line.startsWith('sub:'))?.split(':')[4] ?? 'none';
  };
  beforeAll(() => {
    scratch = scratchDirectory('gpg');
    execFileSync('chmod', ['700', scratch.path]);
    for (const user of ['one@example.org', 'two@example.org']) {
      gpg('--passphrase', '', '--quick-generate-key', user, 'future-default', 'default', 'never');
    }
  }, 240_000);
  afterAll(() => {
    spawnSync('gpgconf', ['--homedir', scratch.path, '--kill', 'all'], { timeout: 30_000 });
    scratch?.[Symbol.dispose]();
  });

  it('tell the ids of the keys, binary and armored, and in partial lengths', async () => {
    const [one, two] = [keyOf('one@example.org'), keyOf('two@example.org')];
    const expected = new RegExp(
      `encrypted with OpenPGP: it opens with one of: the key ${one} or the key ${two}; its data carry a code`,
    );
    const to = ['-e', '-r', 'one@example.org', '-r', 'two@example.org'];
    expect(await described(gpg(...to))).toMatch(expected);
    expect(await described(gpg('-a', ...to))).toMatch(expected);
    const file = join(scratch.path, 'dump');
    writeFileSync(file, DUMP);
    expect(await described(gpg(...to, '-o', '-', file))).toMatch(expected);
  });

  it('tell a key whose id is left out, a passphrase, and both', async () => {
    expect(await described(gpg('-e', '-R', 'one@example.org'))).toMatch(/opens with 1 key whose id is left out;/);
    const passphrase = ['--pinentry-mode', 'loopback', '--passphrase', 'never to be seen', '-c'];
    expect(await described(gpg(...passphrase))).toMatch(/opens with a passphrase;/);
    const both = gpg(...passphrase, '-e', '-r', 'one@example.org');
    expect(await described(both)).toMatch(/one of: the key [0-9A-F]{16} or a passphrase;/);
  });

  it('tell what is cut off inside the session keys', () => {
    const whole = gpg('-e', '-r', 'one@example.org', '-r', 'two@example.org');
    expect(describeOpenPgp(whole.subarray(0, 40))).toMatch(/names no recipient; its encrypted data do not follow/);
  });
});

it('headers of any content end in a sentence without control characters', { timeout: 120_000 }, () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 100 }).map((rest) => Buffer.concat([Buffer.from('84', 'hex'), rest])),
    fc.string().map((rest) => Buffer.from(`age-encryption.org/v1\n-> ${rest}`)),
    fc.string().map((rest) => Buffer.from(`-----BEGIN PGP MESSAGE-----\n\n${rest}`)),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      for (const describe of [describeAge, describeOpenPgp]) {
        expect(describe(input)).toMatch(/^[\x20-\x7e]{1,4000}$/);
      }
    }),
    { numRuns: 2000 },
  );
});

it('fingerprints of version 6 and unprotected data are told', () => {
  const fingerprint = 'ab'.repeat(32);
  const body = Buffer.concat([Buffer.from([6, 33, 6]), Buffer.from(fingerprint, 'hex'), Buffer.from([25, 1, 2, 3])]);
  const message = Buffer.concat([Buffer.from([0xc1, body.length]), body, Buffer.from([0xc9, 0xe4, 1, 2])]);
  expect(describeOpenPgp(message)).toBe(
    `it opens with the key with fingerprint ${fingerprint.toUpperCase()}; its data carry no protection of their integrity, so that an alteration goes unnoticed`,
  );
});
