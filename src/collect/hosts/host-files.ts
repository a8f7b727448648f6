import type { AnyEvidence } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import { declarationsAbout } from '../declarations.ts';
import { statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { namedOrganizations } from '../file-sets/named-organizations.ts';
import { notOverruled } from '../recorded/later-look.ts';
import { ELSEWHERE, notTold } from './elsewhere.ts';
import { fileCopyEvidence } from './file-copies.ts';
import { hostSystem } from './host-system.ts';
import { installerEvidence } from './installer-evidence.ts';
import { hostProbe } from './probe/host-probe.ts';
import { readHostFile } from './read-host-file.ts';

/** Paths of the install host whose copies are compared with what is there. */
export function keptHostPaths({ install }: Pick<Collection['config'], 'install'>): readonly string[] {
  const { bootstrapFile, stateDirectory, licenseFile, runbook, collectorRunsHere } = install;
  const others = [licenseFile, collectorRunsHere ? runbook : undefined];
  return [bootstrapFile, stateDirectory, ...others.filter((one) => one !== undefined)];
}

/**
 * The files and directories that starting the install needs, live and in backup sets. Existence, mode, owner, times and
 * keyed digests only: both can hold setup secrets. What the host answered in a bundle of its own stands beside what is
 * seen here, unless a later look failed.
 */
export async function hostEvidence(collection: Collection, estate: Estate, part: PartBuilder): Promise<void> {
  const { config, asker, joined } = collection;
  const { install } = config;
  const subject: Subject = { kind: 'host', key: install.host, organizationId: null, name: install.host };
  part.subjects.push({ subject });
  part.evidence.push(
    statedDomain(collection, subject, { host: install.host }),
    ...declarationsAbout(collection, subject),
    ...(await systemEvidence(collection, subject)),
    ...(await installerEvidence(collection, estate, subject)),
  );
  const organizations = await namedOrganizations(estate.reading);
  const roles = [
    { role: 'bootstrap', path: install.bootstrapFile },
    { role: 'state-directory', path: install.stateDirectory },
  ] as const;
  for (const { role, path } of roles) {
    const question = {
      kind: 'host-file',
      subject,
      source: 'install host',
      operation: role === 'bootstrap' ? 'stat and keyed digest' : 'stat and keyed digest of the tree',
      locator: path,
    } as const;
    const answered = joined.hostFiles(role, path);
    const told = answered.map(({ value, blindSpot, collectedAt, bundle }) =>
      asker.record(
        question,
        { items: value === null ? [] : [value], blindSpot },
        { collectedAt, digest: bundle.digest },
      ),
    );
    const own =
      install.collectorRunsHere || answered.length === 0
        ? await asker.ask({
            ...question,
            answer: async () => {
              if (!install.collectorRunsHere) return { items: [], blindSpot: notTold(joined, path) };
              const { digestKey, signal } = collection;
              return { items: [await readHostFile({ probe: hostProbe, digestKey, signal }, role, path)] };
            },
          })
        : null;
    part.evidence.push(
      ...notOverruled(told, own),
      ...(await fileCopyEvidence(collection, estate.fileCopies, subject, {
        path,
        digest: role === 'bootstrap' ? 'file' : 'tree',
        isHere: install.collectorRunsHere,
        isOfOthers: (pattern) => organizations.othersAlone(pattern, null),
      })),
    );
  }
}

async function systemEvidence(
  { config, asker, joined }: Collection,
  subject: Subject,
): Promise<readonly AnyEvidence[]> {
  const question = {
    kind: 'host-system',
    subject,
    source: 'install host',
    operation: 'operating system',
    locator: 'os-release',
  } as const;
  const answered = joined
    .systems()
    .map(({ value, blindSpot, collectedAt, bundle }) =>
      asker.record(
        question,
        { items: value === null ? [] : [value], blindSpot },
        { collectedAt, digest: bundle.digest },
      ),
    );
  if (config.install.collectorRunsHere) {
    const own = await asker.ask({ ...question, answer: async () => ({ items: [await hostSystem()] }) });
    return notOverruled(answered, own);
  }
  return answered.length > 0
    ? notOverruled(answered, null)
    : [asker.record(question, { items: [], blindSpot: ELSEWHERE })];
}
