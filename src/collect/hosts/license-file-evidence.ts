import type { AnyEvidence } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';
import { notOverruled } from '../recorded/later-look.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { fileCopyEvidence } from './file-copies.ts';
import { hostProbe } from './probe/host-probe.ts';
import { readLicenseFile } from './read-license-file.ts';

/**
 * The license file that the configuration names, live and in backup sets; nothing where it names none. It and its copies
 * are facts about the install, beside the license in its database: they are no files that the controls of the host ask for.
 */
export async function licenseFileEvidence(
  collection: Collection,
  { fileCopies }: Pick<Estate, 'fileCopies'>,
  install: Subject,
): Promise<readonly AnyEvidence[]> {
  const { config, asker, joined, digestKey, signal } = collection;
  const { licenseFile: path, collectorRunsHere } = config.install;
  if (path === undefined) return [];
  const question = {
    kind: 'license-file',
    subject: install,
    source: 'install host',
    operation: 'stat, keyed digest and stated validity',
    locator: path,
  } as const;
  const answered = joined
    .licenseFiles(path)
    .map(({ value, blindSpot, collectedAt, bundle }) =>
      asker.record(
        question,
        { items: value === null ? [] : [value], blindSpot },
        { collectedAt, digest: bundle.digest },
      ),
    );
  const here =
    collectorRunsHere || answered.length === 0
      ? await asker.ask({
          ...question,
          answer: async () => {
            if (!collectorRunsHere) return { items: [], blindSpot: ELSEWHERE };
            return { items: [await readLicenseFile({ probe: hostProbe, digestKey, signal }, path)] };
          },
        })
      : null;
  return [
    ...notOverruled(answered, here),
    ...(await fileCopyEvidence(collection, fileCopies, install, { path, digest: 'file' })),
  ];
}
