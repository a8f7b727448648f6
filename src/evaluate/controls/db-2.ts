import type { Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { copyText, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, part } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';

/** DB-2: at least one complete copy of the database was observed, wherever it lies. */
export const db2 = defineControl({
  id: 'DB-2',
  title: 'A usable copy of the database exists',
  failureTitle: 'No usable copy of the database exists',
  severity: 'critical',
  bears: 'recovery',
  subject: 'database',
  rationale: 'Without one complete copy nothing brings the database back, whatever plans and run records say.',
  remediation:
    'Take a full dump and put it where the audit looks: pg_dump --format=custom --file=NAME.dump DATABASE. Then find out why the scheduled run left none.',
  limits: [],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'a copy counts',
      needs: COPY_NEEDS,
      judge(observed: Observed<typeof COPY_NEEDS>, context) {
        const copies = judgeCopies(observed, context.asOf);
        const good = copies.find((copy) => copy.counts === 'holds');
        if (good !== undefined) {
          return judged('holds', `${copyText(good.observation)} is complete and of this database`, [good.observation]);
        }
        const doubtful = copies.find((copy) => copy.counts === 'unknown');
        if (doubtful !== undefined) {
          const why = doubtful.complete === 'unknown' ? doubtful.completeBecause : doubtful.identityBecause;
          return judged('unknown', `${copyText(doubtful.observation)} may be a usable copy, but ${why}`, [
            doubtful.observation,
          ]);
        }
        const newest = copies[0];
        if (newest === undefined) return judged('fails', 'no copy was found in any configured location');
        const why = newest.fromTheFuture
          ? 'it is dated in the future'
          : newest.identity === 'fails'
            ? newest.identityBecause
            : newest.completeBecause;
        return judged(
          'fails',
          `${counted(copies.length, 'artifact')} found, none usable: ${copyText(newest.observation)}: ${why}`,
          copies.map((copy) => copy.observation),
        );
      },
    }),
  ],
});
