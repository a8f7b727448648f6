import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretResolver } from '../../src/config/secrets.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('secrets');
});
afterEach(() => scratch[Symbol.dispose]());

const resolver = (environment: NodeJS.ProcessEnv = {}) =>
  secretResolver(environment, join(scratch.path, 'recoverage.yaml'));

describe('a reference to a secret', () => {
  it('of the environment gives its value, which prints nowhere', async () => {
    const secret = await resolver({ TOKEN: 's.12345' }).resolve('providers[0].token', 'env:TOKEN');
    expect(secret.reveal()).toBe('s.12345');
    for (const text of [`${secret}`, JSON.stringify({ secret }), inspect(secret)]) expect(text).not.toContain('12345');
  });

  it.each([
    ['s.12345\n', 's.12345'],
    ['s.12345\r\n', 's.12345'],
    ['s.12345', 's.12345'],
    [' spaces stay \n', ' spaces stay '],
    ['two\nlines\n', 'two\nlines'],
  ])('of a file gives its text without the last line break: %j', async (text, value) => {
    await writeFile(join(scratch.path, 'token'), text);
    expect((await resolver().resolve('x', 'file:token')).reveal()).toBe(value);
    expect((await resolver().resolve('x', `file:${join(scratch.path, 'token')}`)).reveal()).toBe(value);
  });

  it('that leads nowhere is a mistake with its path and a hint; all are collected', async () => {
    await writeFile(join(scratch.path, 'empty'), '\n');
    const secrets = resolver({ EMPTY: '' });
    const references = ['env:MISSING', 'env:EMPTY', 'file:missing', 'file:empty', 'file:.'];
    for (const [index, reference] of references.entries()) {
      expect((await secrets.resolve(`path[${index}]`, reference)).reveal()).toBe('');
    }
    expect(secrets.mistakes.map(({ path }) => path)).toEqual(references.map((_, index) => `path[${index}]`));
    expect(secrets.mistakes.map(({ problem }) => problem)).toEqual([
      'environment variable MISSING is not set',
      'environment variable EMPTY is not set',
      expect.stringMatching(/missing cannot be read \(ENOENT\)$/),
      expect.stringMatching(/empty is empty$/),
      expect.stringMatching(/cannot be read \(EISDIR\)$/),
    ]);
    for (const { hint } of secrets.mistakes) expect(hint).not.toBe('');
  });
});
