import type { ReportHead } from '../../../model/report.ts';
import { instantText } from '../../wording/instants.ts';
import { EVIDENCE_STATEMENT, LIMITATIONS, METHOD, methodLines, runEntries } from '../../wording/method.ts';
import { capitalized, countText, numberText, sizeText } from '../../wording/numbers.ts';
import type { PageOne } from '../../wording/page-one.ts';
import {
  BEARING_EXPLANATIONS,
  BEARING_WORDS,
  GRADE_EXPLANATIONS,
  GRADE_WORDS,
  PLANE_EXPLANATIONS,
  PLANE_WORDS,
  SEVERITY_WORDS,
} from '../../wording/words.ts';
import { anchorOf } from './finding-view.ts';
import { isolated, shownName, shownSentence } from './shown.ts';

/** The fragment of a blind spot's entry. */
export function blindSpotAnchor(id: string): string {
  return anchorOf('blind', id);
}

/** What the template `appendix` asks for. An organization's own report holds no counts over others. */
export function appendixView(head: ReportHead, page: PageOne): object {
  const own = head.scope.kind === 'organization';
  return {
    blindSpotsSentence: page.blindSpotsSentence,
    blindSpots: page.blindSpots.map((spot) => ({ ...isolated(spot), anchor: blindSpotAnchor(spot.id) })),
    unmatchedSentence: unmatchedSentence(head),
    unmatched: own
      ? []
      : head.unmatched.map((artifact) => ({
          location: shownName(artifact.location),
          path: shownSentence(artifact.path),
          what: shownSentence(artifact.what),
          foundName: artifact.foundName === null ? null : shownName(artifact.foundName),
          size: sizeText(artifact.bytes),
          modifiedAt: instantText(artifact.modifiedAt),
        })),
    evidenceStatement: EVIDENCE_STATEMENT,
    tallies: !own,
    controls: head.controls.map((control) => ({
      id: control.id,
      title: shownSentence(control.title),
      rationale: shownSentence(control.rationale),
      severity: SEVERITY_WORDS[control.severity],
      bears: shownName(control.bears),
      counts: own
        ? []
        : [
            control.tally.pass,
            control.tally.fail,
            control.tally.unknown,
            control.tally.waived,
            control.tally['not-applicable'],
          ].map(numberText),
    })),
    method: METHOD,
    run: isolated(runEntries(head)),
    sources: isolated(methodLines(head)),
    words: vocabulary(),
    limitations: LIMITATIONS,
  };
}

function unmatchedSentence(head: ReportHead): string {
  const total = head.unmatchedTotal;
  const shown = head.unmatched.length;
  const files = `${capitalized(countText(total, 'file'))} of copies that ${total === 1 ? 'matches' : 'match'} nothing that is known.`;
  return shown < total
    ? `${files} The first ${numberText(shown)} are listed here, all of them in unmatched.ndjson.`
    : files;
}

function vocabulary(): readonly object[] {
  const table = <K extends string>(
    words: Readonly<Record<K, string>>,
    explanations: Readonly<Record<K, string>>,
    kind: string,
  ) => (Object.keys(words) as K[]).map((key) => ({ term: `${words[key]} (${kind})`, value: explanations[key] }));
  return [
    ...table(PLANE_WORDS, PLANE_EXPLANATIONS, 'plane'),
    ...table(BEARING_WORDS, BEARING_EXPLANATIONS, 'bears on'),
    ...table(GRADE_WORDS, GRADE_EXPLANATIONS, 'grade of evidence'),
  ];
}
