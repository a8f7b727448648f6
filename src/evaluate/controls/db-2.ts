import type { Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { knownOnlyByText } from '../by-name-only.ts';
import { copyText, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, part, regardless, toldBeside } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { canCount, countsBecause, LIVE_NEEDS, restsOnLiveDatabase } from '../possible-copies.ts';

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
  remediationUnknown:
    'Find out whether the copy can be restored: read it to its end (recoverage scan --depth full), or restore it into a scratch database. Until then take another: pg_dump --format=custom --file=NAME.dump DATABASE.',
  limits: [],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'a copy counts',
      needs: COPY_NEEDS,
      judge(observed: Observed<typeof COPY_NEEDS>, context) {
        const copies = judgeCopies(observed, context.asOf);
        const goods = copies.filter((copy) => copy.counts === 'holds');
        const byItself = goods.find((copy) => !restsOnLiveDatabase(copy.observation));
        const good = byItself ?? goods[0];
        if (good !== undefined) {
          const how = knownOnlyByText(good.observation.value);
          const text = `${copyText(good.observation)} is complete and of this database${how}`;
          const judgement = judged('holds', text, [good.observation]);
          return byItself === undefined ? judgement : regardless(judgement, ...LIVE_NEEDS);
        }
        const doubtful = copies.find((copy) => copy.counts === 'unknown');
        if (doubtful !== undefined) {
          return judged(
            'unknown',
            `${copyText(doubtful.observation)} may be a usable copy, but ${countsBecause(doubtful)}`,
            [doubtful.observation],
          );
        }
        const newest = copies[0];
        const judgement =
          newest === undefined
            ? judged('fails', 'no copy was found in any configured location')
            : toldBeside(
                judged(
                  'fails',
                  `${counted(copies.length, 'artifact')} found, none usable: ${copyText(newest.observation)}: ${countsBecause(newest)}`,
                  copies.map((copy) => copy.observation),
                ),
              );
        const hopeless = copies.every((copy) => !canCount(copy.observation, context.asOf));
        return hopeless ? regardless(judgement, ...LIVE_NEEDS) : judgement;
      },
    }),
  ],
});
