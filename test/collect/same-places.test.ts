import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samePlaceMistakes } from '../../src/collect/same-places.ts';
import { locationSchema } from '../../src/config/location-schema.ts';
import { programOnPath } from '../services/availability.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

let scratch: ScratchDirectory;
beforeAll(() => {
  scratch = scratchDirectory('places');
  mkdirSync(join(scratch.path, 'dumps', 'offsite'), { recursive: true });
  mkdirSync(join(scratch.path, 'dumps-second'));
  symlinkSync(join(scratch.path, 'dumps'), join(scratch.path, 'link'));
});
afterAll(() => scratch?.[Symbol.dispose]());

const directory = (path: string, settings: object = {}) => ({
  kind: 'directory',
  path: join(scratch.path, path),
  purposes: ['dumps'],
  ...settings,
});
const bucket = (settings: object) => ({
  kind: 's3',
  bucket: 'backups',
  accessKeyId: 'env:A',
  secretAccessKey: 'env:B',
  purposes: ['dumps'],
  ...settings,
});

async function said(...locations: readonly object[]): Promise<readonly string[]> {
  const parsed = locations.map((one, index) => locationSchema.parse({ name: `place-${index}`, ...one }));
  return (await samePlaceMistakes(parsed)).map(({ path, problem }) => `${path}: ${problem}`);
}

describe('two locations', () => {
  it.each([
    ['dumps', 'dumps', 'the same place as'],
    ['dumps', 'link', 'the same place as'],
    ['dumps', 'dumps/offsite', 'inside'],
    ['link/offsite', 'dumps', 'around'],
  ])('at %s and %s are a mistake', async (first, second, relation) => {
    expect(await said(directory(first), directory(second))).toEqual([
      `locations[1].path: location place-1 is ${relation} location place-0: what lies there would count as two copies`,
    ]);
  });

  it('beside each other, or where one is not there, are none', async () => {
    expect(await said(directory('dumps'), directory('dumps-second'))).toEqual([]);
    expect(await said(directory('nowhere'), directory('nowhere'))).toEqual([]);
  });

  it('of which one is mounted into the other, or a part of it beside it, are a mistake', async (context) => {
    const [part, place] = [join(scratch.path, 'dumps', 'offsite'), join(scratch.path, 'mounted', 'part')];
    mkdirSync(place, { recursive: true });
    const bound = spawnSync(programOnPath(['mount']) ?? '', ['--bind', part, place]);
    if (bound.status !== 0) return context.skip('nothing may be mounted here');
    try {
      expect(await said(directory('dumps'), directory('mounted/part'))).toHaveLength(1);
      expect(await said(directory('mounted/part'), directory('dumps'))).toHaveLength(1);
      expect(await said(directory('dumps'), directory('mounted'))).toHaveLength(1);
      expect(await said(directory('dumps/offsite'), directory('mounted'))).toHaveLength(1);
      expect(await said(directory('dumps-second'), directory('mounted'))).toEqual([]);
    } finally {
      spawnSync(programOnPath(['umount']) ?? '', [place]);
    }
  });

  it('of different purposes, servers or listings share a directory rightly', async () => {
    expect(await said(directory('dumps'), directory('link', { purposes: ['files'], files: {} }))).toEqual([]);
    const servers = (...names: readonly string[]) => directory('dumps', { servers: names });
    expect(await said(servers('a'), servers('b'))).toEqual([]);
    expect(await said(servers('a', 'b'), servers('b'))).toHaveLength(1);
    expect(await said(servers('a'), directory('dumps'))).toHaveLength(1);
    const inventory = (path: string, file: string) =>
      directory(path, { purposes: ['inventory'], inventory: { file, format: 'csv' } });
    expect(await said(inventory('dumps', 'a.csv'), inventory('dumps', 'b.csv'))).toEqual([]);
    expect(await said(inventory('dumps', 'a.csv'), inventory('dumps/offsite', 'a.csv'))).toEqual([]);
    expect(await said(inventory('dumps', 'a.csv'), inventory('link', 'a.csv'))).toHaveLength(1);
  });

  it('in one bucket are a mistake where one prefix begins the other', async () => {
    expect(await said(bucket({ prefix: 'nightly/' }), bucket({}))).toEqual([
      'locations[1].prefix: location place-1 is around location place-0: what lies there would count as two copies',
    ]);
    expect(await said(bucket({ prefix: 'a/' }), bucket({ prefix: 'b/' }))).toEqual([]);
    expect(await said(bucket({ prefix: 'a/' }), bucket({ prefix: 'a/', endpoint: 'https://other.example' }))).toEqual(
      [],
    );
    expect(await said(bucket({}), bucket({ region: 'eu-west-1' }))).toHaveLength(1);
  });

  it.each([
    ['https://s3.example', 'https://s3.example/', 1],
    ['https://s3.example', 'HTTPS://S3.Example', 1],
    ['https://s3.example', 'https://s3.example:443', 1],
    ['http://s3.example:9000', 'http://s3.example.:9000/', 1],
    ['https://s3.example/tenant', 'https://s3.example/tenant/', 1],
    ['http://localhost:9000', 'http://127.0.0.1:9000', 1],
    ['http://[::1]:9000', 'http://127.0.0.1:9000/', 1],
    ['https://s3.example/tenant', 'https://s3.example/another', 0],
    ['https://s3.example', 'https://s3.example:8443', 0],
    ['http://localhost:9000', 'http://localhost:9001', 0],
  ])('of one bucket at %s and %s make %d mistakes', async (one, other, mistakes) => {
    expect(await said(bucket({ endpoint: one }), bucket({ endpoint: other }))).toHaveLength(mistakes);
  });
});
