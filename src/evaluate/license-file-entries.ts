import type { Observation } from '../model/control.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import type { RebuildEntry } from '../model/report.ts';
import type { Subject } from '../model/subject.ts';
import { instantText, spanText } from '../model/text.ts';
import { fileCopyText, type JudgedFileCopy, judgeFileCopies, whyNot } from './files.ts';
import { nodesOf, type PartView } from './scope.ts';

/** Text with what to do; a null remedy where nothing is amiss. */
type Said = Pick<RebuildEntry, 'sentence' | 'remedy'> & { readonly evidence: readonly string[] };

/** What is known of the license file: whether it is there, until when it says to be valid, and which backup set holds the same. */
export function licenseFileEntries(
  view: PartView,
  install: Subject,
  policy: Policy,
  asOf: Instant,
): readonly RebuildEntry[] {
  return view.facts.seen('license-file', install).observations.flatMap((file) => {
    const { value, evidenceId } = file;
    const entry = { topic: 'license file', validUntil: value.says?.validUntil ?? null } as const;
    if (!value.exists) {
      const remedy = 'Put the license file back, or correct install.licenseFile.';
      return [{ ...entry, sentence: `The license file ${value.path} is not there`, remedy, evidence: [evidenceId] }];
    }
    const copied = copyOf(file, view, install, policy, asOf);
    return [
      { ...entry, ...validity(file, install, asOf), evidence: [evidenceId] },
      { ...entry, validUntil: null, ...copied, evidence: [evidenceId, ...copied.evidence] },
    ];
  });
}

const RENEW = 'Ask the vendor for a renewed license, and keep its file with the others.';

function validity(
  { value: { path, says } }: Observation<'license-file'>,
  install: Subject,
  asOf: Instant,
): Omit<Said, 'evidence'> {
  const name = `The license file ${path}`;
  if (says === null) {
    return { sentence: `${name} is there; its format does not tell until when it is valid`, remedy: null };
  }
  const { installId, validFrom, validUntil } = says;
  if (installId !== null && installId.toLowerCase() !== install.key.toLowerCase()) {
    const remedy = 'Keep the license of this install there: one of another install does not start it.';
    return { sentence: `${name} is of another install, ${installId}`, remedy };
  }
  const left = toMillis(validUntil) - toMillis(asOf);
  if (left < 0) return { sentence: `${name} ran out on ${instantText(validUntil)}`, remedy: RENEW };
  const begins = validFrom !== null && validFrom > asOf ? `, and only from ${instantText(validFrom)}` : '';
  return {
    sentence: `${name} says that it is valid until ${instantText(validUntil)}, for ${spanText(left)} more${begins}; its signature was not checked`,
    remedy: null,
  };
}

const BACK_UP = 'Add it to a backup set outside the lost failure domain, and run that backup after every renewal.';

/** By the rules of HOST-1, as a fact: the same contents in a finished copy that outlives the loss. */
function copyOf(
  { value: { path, digest } }: Observation<'license-file'>,
  view: PartView,
  install: Subject,
  policy: Policy,
  asOf: Instant,
): Said {
  const { facts } = view;
  const seen = facts.seen('file-copy', install);
  const domains = nodesOf(view, 'location').flatMap(
    ({ subject }) => facts.seen('failure-domain', subject).observations,
  );
  const own = seen.observations.filter(({ value }) => value.sourcePath === path);
  const copies = judgeFileCopies(own, domains, policy.loss, asOf).filter(({ complete }) => complete);
  const same = copies.filter(({ observation }) => digest !== null && observation.value.digest === digest);
  const kept = best(same);
  if (kept?.counts === 'holds')
    return said(`${fileCopyText(kept)} holds the license file with the same contents`, kept);
  const uncompared = copies.find(
    ({ observation, counts }) => counts !== 'fails' && (digest === null || observation.value.digest === null),
  );
  if (uncompared !== undefined) {
    return said(
      `${fileCopyText(uncompared)} holds the license file; whether with the same contents could not be compared`,
      uncompared,
    );
  }
  if (kept !== undefined) {
    // A location without a failure domain has a notice of its own.
    const remedy = kept.counts === 'unknown' ? null : BACK_UP;
    return said(
      `${fileCopyText(kept)} holds the license file with the same contents, but ${whyNot(kept)}`,
      kept,
      remedy,
    );
  }
  // Where a backup set could not be read, the license may be in it.
  if (seen.blindSpots.length > 0) {
    return {
      sentence: `It is not known whether a backup set holds the license file ${path}`,
      remedy: null,
      evidence: [],
    };
  }
  const [other] = copies;
  if (other === undefined) {
    return { sentence: `No backup set holds the license file ${path}`, remedy: BACK_UP, evidence: [] };
  }
  return said(`${fileCopyText(other)} holds another license file than the one at ${path}`, other, BACK_UP);
}

function said(text: string, { observation }: JudgedFileCopy, remedy: string | null = null): Said {
  return { sentence: `${text.charAt(0).toUpperCase()}${text.slice(1)}`, remedy, evidence: [observation.evidenceId] };
}

function best(copies: readonly JudgedFileCopy[]): JudgedFileCopy | undefined {
  return (
    copies.find(({ counts }) => counts === 'holds') ?? copies.find(({ counts }) => counts === 'unknown') ?? copies[0]
  );
}
