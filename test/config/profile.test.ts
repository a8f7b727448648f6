import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadProfile, SHIPPED_PROFILES } from '../../src/config/profile.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('profile');
});
afterEach(() => scratch[Symbol.dispose]());

describe('a profile', () => {
  it.each(SHIPPED_PROFILES)('that comes with the program bears its name: %s', async (name) => {
    const profile = await loadProfile(name);
    expect(profile).toMatchObject({ name, severity: 'high', closedBy: { exclusions: true, blindOrganizations: true } });
  });

  it('before an upgrade asks for the license, the installer and a restore test', async () => {
    const { requires } = await loadProfile('pre-upgrade');
    expect(requires.map((one) => ('control' in one ? one.control : 'restore test'))).toEqual([
      'INV-6',
      'HOST-4',
      'restore test',
    ]);
  });

  it('of another name is refused with the names there are', async () => {
    await expect(loadProfile('nightly')).rejects.toThrow(/nightly: is no profile\. Name one of default, pre-upgrade/);
  });

  it('may be a file', async () => {
    const file = join(scratch.path, 'mine.yaml');
    await writeFile(
      file,
      'name: mine\ndescription: x\nseverity: low\nclosedBy: { exclusions: false, blindOrganizations: true }\nrequires: []\n',
    );
    expect(await loadProfile(file)).toMatchObject({ name: 'mine', severity: 'low' });
  });

  it('with mistakes names them all', async () => {
    const file = join(scratch.path, 'wrong.yaml');
    await writeFile(
      file,
      'name: Wrong Name\nseverity: severe\nclosedBy: { exclusions: 1 }\nrequires: [{ control: db3 }]\nopen: true\n',
    );
    await expect(loadProfile(file)).rejects.toThrow(/[5-9] mistakes/);
  });
});
