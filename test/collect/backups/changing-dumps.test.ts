import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { fixture } from '../formats/pg-dump/fixtures.ts';
import { audit } from './verification/audited-location.ts';

test.each(['structure', 'mixed', 'full'] as const)(
  'damaged dumps tell whether they just changed, at depth %s',
  async (depth) => {
    using scratch = scratchDirectory('changing');
    using memory = scratchDirectory('changing-memory');
    const bytes = fixture('pg15-custom.dump');
    const put = (name: string, content: Uint8Array, minutes: number) => {
      const path = join(scratch.path, name);
      writeFileSync(path, content);
      const time = new Date(Date.now() - minutes * 60_000);
      utimesSync(path, time, time);
    };
    const cut = bytes.subarray(0, bytes.length - 40);
    put('acme-growing.dump', cut, 0);
    put('acme-begun.dump', new Uint8Array(0), 1);
    put('acme-broken.dump', cut, 6);
    put('acme-nothing.dump', new Uint8Array(0), 6);
    put('acme.dump', bytes, 0);
    const tree = localDirectoryTree({ root: scratch.path });
    const databases = ['acme', 'novantra', 'tenant_acme', 'fixture'];
    const { copies } = await audit({ tree, directory: memory.path, databases, depth });
    const changing = [...copies].filter(([, copy]) => copy.changing === true).map(([path]) => path);
    const damaged = [...copies].filter(([, copy]) => copy.integrity === 'incomplete').map(([path]) => path);
    expect(damaged.toSorted()).toEqual([
      'acme-begun.dump',
      'acme-broken.dump',
      'acme-growing.dump',
      'acme-nothing.dump',
    ]);
    expect(changing).toEqual(damaged.filter((path) => /growing|begun/.test(path)));
  },
);
