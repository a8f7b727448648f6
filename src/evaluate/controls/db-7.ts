import type { Observed } from '../../model/control.ts';
import { copyText, judgeCopies } from '../copies.ts';
import { OF_ANOTHER_ORGANIZATION } from '../copy-identity.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { isOfAnotherCluster } from '../physical-identity.ts';
import {
  byLocation,
  canCount,
  isForeign,
  isOfCluster,
  LIVE_NEEDS,
  possibleCopies,
  restsOnLiveDatabase,
} from '../possible-copies.ts';
import { isOffLine } from '../timeline-ancestry.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const CLAIM_NEEDS = { copies: need('copy', 'self', 'more-hurts', { readableOnly: true }) } as const;
const IDENTITY_NEEDS = { ...COPY_NEEDS, copies: need('copy', 'self', 'either', { readableOnly: true }) } as const;

/** DB-7: what is kept as a copy of the database is one, by what is inside it. */
export const db7 = defineControl({
  id: 'DB-7',
  title: 'The copies are of this database',
  failureTitle: 'A file kept as a copy of this database holds another one',
  severity: 'critical',
  bears: 'recovery',
  subject: 'database',
  rationale:
    'File names and run records say what a copy should be; only its inside says what it is. Restoring another organization’s data is worse than restoring none.',
  remediation:
    'Compare the name inside (pg_restore --list NAME.dump shows dbname) with the database, correct the plan that writes the file, and take a new copy. If the database was re-created or restored logically, declare database-recreated in attestations.yaml.',
  remediationUnknown:
    'Read which database the copy is of (pg_restore --list NAME.dump shows dbname), and let the audit read both the copy and the live database.',
  limits: [],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => isForeign(one) || canCount(one, context.asOf));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no undamaged copy whose identity could be told');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'no file claims it falsely',
      needs: CLAIM_NEEDS,
      judge(observed: Observed<typeof CLAIM_NEEDS>) {
        const foreign = observed.copies.filter(isForeign);
        const first = foreign[0];
        if (first === undefined) return judged('holds', 'no file is kept under its name that holds another database');
        const more = foreign.length > 1 ? `; ${foreign.length - 1} more likewise` : '';
        const inside = first.value.nameAgrees === false ? 'names another one inside' : OF_ANOTHER_ORGANIZATION;
        const kept = isOfCluster(first)
          ? 'is kept as a copy of this server and bears the system identifier of another cluster'
          : `is kept as a copy of this database and ${inside}`;
        const text = `${copyText(first)} ${kept}${more}`;
        return judged('fails', text, foreign);
      },
    }),
    part({
      name: 'newest copies are of this database',
      needs: IDENTITY_NEEDS,
      judge(observed: Observed<typeof IDENTITY_NEEDS>, context) {
        const possible = possibleCopies(observed.copies, context.asOf);
        const live = observed.states[0]?.value;
        const judgedCopies = judgeCopies({ ...observed, copies: possible.copies }, context.asOf);
        const other = judgedCopies.find(({ observation }) => isOfAnotherCluster(observation.value, live));
        if (other !== undefined) {
          const text = `${copyText(other.observation)} is kept as a copy of this server: ${other.identityBecause}`;
          return judged('fails', text, [other.observation]);
        }
        // A copy of the whole cluster from before the database was made is a good copy of others.
        const own = judgedCopies.filter(
          ({ observation, identity }) =>
            !isOfCluster(observation) || identity !== 'fails' || isOffLine(observation.value, live),
        );
        const newest = byLocation(own.map(({ observation }) => observation)).map(([copy]) => copy);
        const copies = own.filter(({ observation }) => newest.includes(observation));
        // An older one is what a restore to an earlier moment leaves behind: it counts for nothing, and new copies came.
        const offLine = copies.find(
          ({ observation, identity }) => identity === 'fails' && isOffLine(observation.value, live),
        );
        if (offLine !== undefined) {
          const text = `${copyText(offLine.observation)} is the newest there: ${offLine.identityBecause}`;
          return judged('fails', text, [offLine.observation]);
        }
        const open = copies.find((copy) => copy.identity !== 'holds');
        const chosen = open ?? copies[0];
        if (chosen === undefined) return judged('unknown', 'there is no undamaged copy whose identity could be told');
        const judgement = judged(
          open === undefined ? 'holds' : 'unknown',
          `${copyText(chosen.observation)}: ${chosen.identityBecause}${possible.unopened}`,
          open === undefined ? newest : [open.observation],
        );
        return possible.copies.some(restsOnLiveDatabase) ? judgement : regardless(judgement, ...LIVE_NEEDS);
      },
    }),
  ],
});
