import { readFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import type { Facts } from '../../model/facts.ts';

/** The operating system of the host that this runs on: what replaces it must be of the same family. */
export async function hostSystem(): Promise<Facts['host-system']> {
  const system = { platform: platform(), architecture: arch() };
  if (system.platform !== 'linux') return { ...system, family: system.platform, version: release() };
  // os-release(5): the first that is there counts.
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null)
      return { ...system, family: releaseValue(text, 'ID'), version: releaseValue(text, 'VERSION_ID') };
  }
  return { ...system, family: null, version: null };
}

/** A value of os-release(5); null where it is absent or no plain word. */
export function releaseValue(text: string, name: string): string | null {
  const line = new RegExp(`^${name}=(.*)$`, 'm')
    .exec(text)?.[1]
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  return line !== undefined && /^[\w.-]{1,64}$/.test(line) ? line : null;
}
