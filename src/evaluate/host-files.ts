import type { Judgement, Observed, Part } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { judged, need, part } from './define-control.ts';
import { fileCopyText, type JudgedFileCopy, judgeFileCopies, whyNot } from './files.ts';
import { FILE_COPIES } from './store-needs.ts';

type Role = Facts['host-file']['role'];

const PRESENT_NEEDS = { files: need('host-file', 'self', 'either') } as const;
const COPY_NEEDS = { ...PRESENT_NEEDS, ...FILE_COPIES } as const;

/** Whether a host file is there, and inside a backup set that outlives the loss. Its contents are never looked at. */
export function backedUpHostFile(role: Role): readonly [Part, ...Part[]] {
  return [
    part({
      name: 'present',
      needs: PRESENT_NEEDS,
      judge({ files }: Observed<typeof PRESENT_NEEDS>) {
        const file = files.find(({ value }) => value.role === role);
        if (file === undefined) return judged('unknown', 'nobody looked whether it is there');
        if (!file.value.exists) return judged('fails', `${file.value.path} is not there`, [file]);
        return judged('holds', `${file.value.path} is there`, [file]);
      },
    }),
    part({
      name: 'backed up',
      needs: COPY_NEEDS,
      judge(observed: Observed<typeof COPY_NEEDS>, context) {
        const file = observed.files.find(({ value }) => value.role === role);
        if (file === undefined) return judged('unknown', 'nobody looked whether it is there');
        const own = observed.copies.filter(({ value }) => value.sourcePath === file.value.path);
        const copies = judgeFileCopies(own, observed.locationDomains, context.policy.loss, context.asOf);
        if (copies.length === 0) return judged('fails', `no backup set holds ${file.value.path}`, [file]);
        return role === 'bootstrap' ? judgeSameContents(file.value, copies) : judgePresence(file.value.path, copies);
      },
    }),
  ];
}

/** A directory has no digest to compare: that it is in the set is all that can be seen. */
function judgePresence(path: string, copies: readonly JudgedFileCopy[]): Judgement {
  const chosen = best(copies);
  if (chosen === undefined) return judged('fails', `no backup set holds ${path}`);
  const name = fileCopyText(chosen);
  const cites = [chosen.observation];
  if (chosen.counts !== 'holds')
    return judged(chosen.counts, `${name} does not count for ${path}: ${whyNot(chosen)}`, cites);
  return judged('holds', `${name} holds ${path}; what is in a directory is not compared`, cites);
}

function judgeSameContents(file: Facts['host-file'], copies: readonly JudgedFileCopy[]): Judgement {
  const standing = copies.filter((copy) => copy.counts !== 'fails');
  const same = standing.filter((copy) => file.digest !== null && copy.observation.value.digest === file.digest);
  const chosen = best(same);
  if (chosen?.counts === 'holds') {
    return judged('holds', `${fileCopyText(chosen)} holds it with the same contents`, [chosen.observation]);
  }
  const uncompared = standing.find((copy) => file.digest === null || copy.observation.value.digest === null);
  const open = uncompared ?? chosen;
  if (open !== undefined) {
    const why = open === uncompared ? 'its contents could not be compared' : whyNot(open);
    return judged('unknown', `${fileCopyText(open)} holds it, but ${why}`, [open.observation]);
  }
  const newest = standing[0] ?? copies[0];
  if (newest === undefined) return judged('fails', 'no backup set holds it');
  const why = newest.counts === 'fails' ? whyNot(newest) : 'it holds other contents than the live file';
  return judged('fails', `${fileCopyText(newest)} does not count for ${file.path}: ${why}`, [newest.observation]);
}

function best(copies: readonly JudgedFileCopy[]): JudgedFileCopy | undefined {
  return (
    copies.find((copy) => copy.counts === 'holds') ?? copies.find((copy) => copy.counts === 'unknown') ?? copies[0]
  );
}
