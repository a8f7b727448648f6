import { dirname, resolve } from 'node:path';
import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import type { Collection } from './estate.ts';

/**
 * Where the secrets come from that the configuration itself refers to: files of the install host go with it. What is in
 * them is not looked at.
 */
export function secretSourceEvidence(
  { asker, config, configFile, references }: Collection,
  install: Subject,
): AnyEvidence {
  return asker.record(
    {
      kind: 'secret-source',
      subject: install,
      source: 'configuration',
      operation: 'references to secrets',
      locator: 'configuration file',
      grade: 'declared',
    },
    { items: references.map((one) => sourceOf(one, isOnInstallHost(config, one.path), dirname(configFile))) },
  );
}

/** Secrets are resolved where they are used: of what another host reads or asks, there. */
function isOnInstallHost({ install, locations, providers }: Collection['config'], setting: string): boolean {
  const [, list, index] = /^(locations|providers)\[(\d+)\]/.exec(setting) ?? [];
  const used = list === 'locations' ? locations[Number(index)] : list === 'providers' ? providers[Number(index)] : null;
  const host = used != null && 'reachableFrom' in used ? used.reachableFrom : undefined;
  return host === undefined ? install.collectorRunsHere : host.toLowerCase() === install.host.toLowerCase();
}

function sourceOf(
  { path: setting, reference }: Collection['references'][number],
  isHost: boolean,
  directory: string,
): Facts['secret-source'] {
  if (!reference.startsWith('file:')) return { setting, kind: 'environment', path: null, onInstallHost: isHost };
  return { setting, kind: 'file', path: resolve(directory, reference.slice('file:'.length)), onInstallHost: isHost };
}
