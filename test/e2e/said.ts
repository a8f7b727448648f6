import type { ReportDocument } from './read-report.ts';

/** Whether a report came before moves with every scan. */
export const OF_THE_RUN = 'RUN-4';

/**
 * What a report says of everything, but for when it was made: instants, ages, free space and how far clocks were apart are masked in
 * sentences, and nothing else.
 * The recovery points are instants, and are compared as they are.
 */
export function said({ findings, organizations, install, blindSpots, unmatched, declared }: ReportDocument) {
  return {
    findings: findings
      .filter(({ controlId }) => controlId !== OF_THE_RUN)
      .map(
        ({ controlId, subject, status, grade, because }) =>
          `${controlId} ${subject.kind}:${subject.key} ${status} ${grade} ${timeless(because)}`,
      )
      .sort(),
    organizations: organizations.map(
      ({ recoveryPointAgeSeconds: _, blindSpotIds: __, weakestLink, chain, ...organization }) => ({
        ...organization,
        weakestLink: weakestLink === null ? null : { ...weakestLink, sentence: timeless(weakestLink.sentence) },
        chain: chain.map((link) => ({ ...link, sentence: timeless(link.sentence) })),
      }),
    ),
    install: {
      verdict: install.verdict,
      verdicts: install.verdicts,
      recoveryPoint: install.recoveryPoint,
      planes: install.planes,
    },
    blindSpots: blindSpots.map(({ id: _, detail, ...spot }) => ({ ...spot, detail: timeless(detail) })).sort(byText),
    unmatched: [...unmatched].sort(byText),
    declared: [...declared].sort(byText),
  };
}

function byText(a: object, b: object): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}

function timeless(sentence: string): string {
  return (
    sentence
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC/g, 'INSTANT')
      .replaceAll(/\b\d+ (?:days|h|min)(?= old\b)/g, 'AGE')
      // Others write to the same disk meanwhile.
      .replaceAll(/\b\d+(?:\.\d+)? [KMGT]iB \(\d+ %\) and \d+ % of inodes free/g, 'ROOM')
      .replaceAll(/(?<=clock is off by )\d+(?:\.\d+)? (?:ms|s)\b/g, 'OFFSET')
  );
}
