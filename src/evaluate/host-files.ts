import type { Judgement, Observed, Part, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { toMillis } from '../model/instant.ts';
import { counted, instantText, spanText } from '../model/text.ts';
import { judged, need, part, unseen } from './define-control.ts';
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
        if (file === undefined) return unseen('whether it is there is not known');
        if (!file.value.exists) return judged('fails', `${file.value.path} is not there`, [file]);
        if (file.value.files === 0) return judged('unknown', `${file.value.path} ${EMPTY}`, [file]);
        if (role === 'bootstrap' && file.value.bytes === 0) {
          return judged('unknown', `${file.value.path} is empty (0 bytes): no install starts from it`, [file]);
        }
        const flaw = flawOf(file.value);
        if (flaw !== null) return judged(flaw.truth, `${file.value.path} ${flaw.because}`, [file]);
        return judged('holds', `${file.value.path} is there`, [file]);
      },
    }),
    part({
      name: 'backed up',
      needs: COPY_NEEDS,
      judge(observed: Observed<typeof COPY_NEEDS>, context) {
        const file = observed.files.find(({ value }) => value.role === role);
        if (file === undefined) return judged('unknown', 'so it was compared with no copy');
        const own = observed.copies.filter(({ value }) => value.sourcePath === file.value.path);
        const copies = judgeFileCopies(own, observed.locationDomains, context.policy.loss, context.asOf);
        if (copies.length === 0) return judged('fails', `no backup set holds ${file.value.path}`, [file]);
        const counting = copies.find((copy) => copy.counts !== 'fails');
        const without = copies.find(({ observation }) => !observation.value.present);
        if (role === 'bootstrap' && file.value.link === true && counting === undefined && without !== undefined) {
          return judged('unknown', `${file.value.path} ${LINK}; ${fileCopyText(without)}: ${whyNot(without)}`, [file]);
        }
        return isCompared(file.value) ? judgeSameContents(file.value, copies) : judgePresence(file.value.path, copies);
      },
    }),
  ];
}

/**
 * What keeps an install from starting from a file of settings; null where nothing shows that, and in bundles of older
 * versions. Which variables the product reads is not published: that there is one is all that is asked for.
 */
function flawOf(file: Facts['host-file']): { readonly truth: Truth; readonly because: string } | null {
  const { bytes = 0, nulBytes = 0, settings } = file;
  if (nulBytes > 0 && nulBytes >= bytes) {
    const because = `holds nothing but NUL bytes (${nulBytes} of ${bytes}), as a crash leaves a file that was being written: no install starts from it`;
    return { truth: 'fails', because };
  }
  if (nulBytes > 0) {
    const because = `holds ${counted(nulBytes, 'NUL byte')} among its ${bytes}, as a crash leaves a file that was being written: whether an install starts from it is not known`;
    return { truth: 'unknown', because };
  }
  if (settings !== 0) return null;
  return {
    truth: 'unknown',
    because: 'sets no variable in any of its lines: what an install needs to start is not in it',
  };
}

/** An unmounted disk leaves such a directory behind, so that it tells nothing of what the install keeps there. */
const EMPTY = 'is empty, as it is where its disk is not mounted';

/** Listings of copies tell of no links, so that one in a copy looks as if nothing were there. */
const LINK = 'is a symbolic link, and neither a link nor what it leads to was looked for in backup sets';

/** In bundles of older versions nothing was compared of a directory. */
function isCompared({ role, digest, files }: Facts['host-file']): boolean {
  return role === 'bootstrap' || digest !== null || files !== undefined;
}

/** Without a digest to compare: that a directory is in the set is all that can be seen. */
function judgePresence(path: string, copies: readonly JudgedFileCopy[]): Judgement {
  const chosen = best(copies);
  if (chosen === undefined) return judged('fails', `no backup set holds ${path}`);
  const name = fileCopyText(chosen);
  const [newest] = copies;
  const passed =
    newest === undefined || newest === chosen || newest.counts !== 'fails'
      ? ''
      : `; it is not the newest: ${fileCopyText(newest)} does not count: ${whyNot(newest)}`;
  const cites = [chosen.observation];
  if (chosen.counts !== 'holds')
    return judged(chosen.counts, `${name} does not count for ${path}: ${whyNot(chosen)}`, cites);
  return judged('holds', `${name} holds ${path}; what is in a directory is not compared${passed}`, cites);
}

function judgeSameContents(file: Facts['host-file'], copies: readonly JudgedFileCopy[]): Judgement {
  const standing = copies.filter((copy) => copy.counts !== 'fails');
  const same = standing.filter((copy) => file.digest !== null && copy.observation.value.digest === file.digest);
  const whole = same.filter((copy) => !lacksLinks(file, copy));
  const chosen = best(whole) ?? best(same);
  if (chosen?.counts === 'holds' && lacksLinks(file, chosen)) {
    const links = `${counted(chosen.observation.value.links ?? 0, 'symbolic link')} instead of ${file.links}`;
    return judged('unknown', `${fileCopyText(chosen)} holds its files, but ${links}`, [chosen.observation]);
  }
  if (chosen?.counts === 'holds') {
    const passed = newestNotServingText(file, chosen, copies);
    const same = `holds it with the same contents${permissionsText(file, chosen)}${linksText(file)}${passed}`;
    return judged('holds', `${fileCopyText(chosen)} ${same}`, [chosen.observation]);
  }
  const uncompared = standing.find((copy) => file.digest === null || copy.observation.value.digest === null);
  const open = uncompared ?? chosen;
  if (open !== undefined) {
    const why = open === uncompared ? 'its contents could not be compared' : whyNot(open);
    return judged('unknown', `${fileCopyText(open)} holds it, but ${why}`, [open.observation]);
  }
  const newest = standing[0] ?? copies[0];
  if (newest === undefined) return judged('fails', 'no backup set holds it');
  const emptied = newest.counts === 'fails' ? null : judgeEmptied(file, newest);
  if (emptied !== null) return emptied;
  const why = newest.counts === 'fails' ? whyNot(newest) : otherContents(file, newest);
  return judged('fails', `${fileCopyText(newest)} does not count for ${file.path}: ${why}`, [newest.observation]);
}

/** A live file or directory that holds nothing beside a copy that does: it is that copy which must not be lost. Null of others. */
function judgeEmptied(file: Facts['host-file'], copy: JudgedFileCopy): Judgement | null {
  const { role, path, bytes, files } = file;
  const isFile = role === 'bootstrap';
  if (isFile ? bytes !== 0 : files !== 0) return null;
  const held = copy.observation.value.files ?? 0;
  if (!isFile && held === 0) return null;
  const live = isFile ? 'is empty (0 bytes): no install starts from it' : EMPTY;
  const kept = isFile ? 'what it held before' : counted(held, 'file');
  const remedy = isFile
    ? `Bring ${path} back from ${fileCopyText(copy)} first; until that is done keep the copy, and make no new one in its place.`
    : `Mount what belongs at ${path}, or bring it back from ${fileCopyText(copy)} first; until that is done keep the copy, and make no new one in its place.`;
  const because = `${path} ${live}, while ${fileCopyText(copy)} holds ${kept}`;
  return { ...judged('fails', because, [copy.observation]), remedy };
}

/** That an older copy is the one that serves, and what is wrong with the newest. */
function newestNotServingText(
  file: Facts['host-file'],
  chosen: JudgedFileCopy,
  [newest]: readonly JudgedFileCopy[],
): string {
  if (newest === undefined || newest === chosen) return '';
  const { digest } = newest.observation.value;
  if (newest.counts !== 'fails' && digest === file.digest) return '';
  const otherwise = digest === null ? 'its contents could not be compared' : otherContents(file, newest);
  const why = newest.counts === 'fails' ? whyNot(newest) : otherwise;
  return `; it is not the newest: ${fileCopyText(newest)} does not serve: ${why}`;
}

/** What differs, and by how much the copy is behind: when the live one was changed after it. */
function otherContents({ role, modifiedAt = null }: Facts['host-file'], copy: JudgedFileCopy): string {
  const { moment } = copy.observation.value;
  const what = `it holds other contents than the live ${role === 'bootstrap' ? 'file' : 'directory'}`;
  if (modifiedAt === null || modifiedAt <= moment) return what;
  const behind = spanText(toMillis(modifiedAt) - toMillis(moment));
  return `${what}, which was changed on ${instantText(modifiedAt)}, ${behind} after it`;
}

/** Only where both sides know permissions; that they differ keeps nobody from a recovery. */
function permissionsText({ digestOfModes: live = null }: Facts['host-file'], copy: JudgedFileCopy): string {
  const { digestOfModes: copied = null } = copy.observation.value;
  if (live === null || copied === null) return '';
  return live === copied ? ' and permissions' : ', with other permissions';
}

/** Whether the live directory has symbolic links, and the copy certainly another number of them. */
function lacksLinks({ links: live = 0 }: Facts['host-file'], copy: JudgedFileCopy): boolean {
  const { links = live } = copy.observation.value;
  return live > 0 && links !== live;
}

/** What a link leads to lies elsewhere, and whether that is backed up nobody looked. */
function linksText({ links = 0 }: Facts['host-file']): string {
  if (links === 0) return '';
  return `; in it ${links === 1 ? 'is' : 'are'} ${counted(links, 'symbolic link')}, whose ${links === 1 ? 'target was' : 'targets were'} not looked at`;
}

function best(copies: readonly JudgedFileCopy[]): JudgedFileCopy | undefined {
  return (
    copies.find((copy) => copy.counts === 'holds') ?? copies.find((copy) => copy.counts === 'unknown') ?? copies[0]
  );
}
