import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { byTime, type Instant, toMillis } from '../model/instant.ts';
import { MIRROR } from '../model/mirror-copy.ts';
import type { Loss } from '../model/policy.ts';
import { counted, instantText } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { latestCredible } from './copies.ts';
import { survivalByKey } from './failure-domains.ts';
import { namesText } from './names-text.ts';
import { remembered } from './remembered.ts';

/** A dated copy of one path in a backup set, with everything that decides whether it counts. */
export interface JudgedFileCopy {
  readonly observation: Observation<'file-copy'>;
  /** The set was finished, holds the path, and lacks nothing of what was compared. */
  readonly complete: boolean;
  readonly completeBecause: string;
  /** Whether what was compared is in it; unknown where that it holds the path tells nothing of its owner. */
  readonly contents: Truth;
  readonly fromTheFuture: boolean;
  /** Outside the lost failure domain. */
  readonly survives: Truth;
  readonly counts: Truth;
}

/** Judges every copy, newest first. */
export const judgeFileCopies: typeof judgeEachFileCopy = remembered(
  (copies, locationDomains, loss, asOf) => [copies, locationDomains, loss, asOf],
  judgeEachFileCopy,
);

function judgeEachFileCopy(
  copies: readonly Observation<'file-copy'>[],
  locationDomains: readonly Observation<'failure-domain'>[],
  loss: Loss,
  asOf: Instant,
): readonly JudgedFileCopy[] {
  const survival = survivalByKey(locationDomains, loss);
  const horizon = latestCredible(asOf);
  return copies
    .map((observation): JudgedFileCopy => {
      const { value } = observation;
      const [contents, because] = contentsOf(value);
      const complete = value.complete && value.present && contents !== 'fails';
      const fromTheFuture = toMillis(value.moment) > horizon;
      const survives = survival(value.location);
      return {
        observation,
        complete,
        completeBecause: !value.complete ? value.because : value.present ? because : 'it does not hold the path',
        contents,
        fromTheFuture,
        survives,
        counts: complete && !fromTheFuture ? allOf([survives, contents]) : 'fails',
      };
    })
    .sort((a, b) => byTime(b.observation.value.moment, a.observation.value.moment) || byName(a, b));
}

function byName(a: JudgedFileCopy, b: JudgedFileCopy): number {
  return fileCopyText(a).localeCompare(fileCopyText(b));
}

/** Names a copy in a sentence. */
export function fileCopyText({ observation: { value } }: JudgedFileCopy): string {
  return setText(value);
}

/** Names a copy in a backup set in a sentence. */
export function setText({ copy, location, moment }: Pick<Facts['file-copy'], 'copy' | 'location' | 'moment'>): string {
  const name = copy === MIRROR ? 'the mirror' : `backup set ${copy}`;
  return `${name} in ${location} of ${instantText(moment)}`;
}

/** The copy that tells most for files that were deleted: a mirror only where there is no other. */
export function keepingBest(copies: readonly JudgedFileCopy[]): JudgedFileCopy | undefined {
  return copies.find(({ observation }) => observation.value.copy !== MIRROR) ?? copies[0];
}

/** What a mirror does not keep; empty of other copies. */
export function mirrorText({ observation }: JudgedFileCopy): string {
  return observation.value.copy === MIRROR
    ? '; what is deleted or overwritten in the store is so in a mirror when that is next written, unless its place keeps versions, which was not looked at'
    : '';
}

/** What a comparison of single files tells; a copy of which nothing was compared holds what it is said to. */
function contentsOf(copy: Facts['file-copy']): readonly [Truth, string] {
  const { damaged = 0, altered, doubt } = copy;
  if (damaged > 0) {
    const one = damaged === 1;
    return [
      'fails',
      `${counted(damaged, 'file')} of it that ${one ? 'was' : 'were'} drawn cannot be read, as the data of its repository are damaged`,
    ];
  }
  // What the live store holds otherwise than listed, too, may be the list's mistake.
  const changed = altered === undefined ? 0 : altered.files - altered.asLive;
  if (changed > 0) {
    const verb = changed === 1 ? 'has' : 'have';
    return ['fails', `${counted(changed, 'file')} drawn ${verb} another checksum in it than the database lists`];
  }
  const [truth, because] = comparedContents(copy);
  if (truth !== 'holds') return [truth, because];
  if (altered !== undefined) {
    const verb = altered.files === 1 ? 'has' : 'have';
    const text = `${counted(altered.files, 'file')} drawn ${verb} another checksum than the database lists, in it as in the live store`;
    return ['unknown', text];
  }
  return doubt !== undefined ? ['unknown', doubt] : [truth, because];
}

function comparedContents({
  compared,
  listed,
  uncompared,
  shared,
  because,
}: Facts['file-copy']): readonly [Truth, string] {
  if (compared === undefined && listed !== undefined) return listedContents(listed, NOT_COMPARED);
  if (uncompared !== undefined) return ['unknown', uncomparedText(uncompared)];
  if (compared === undefined) return shared === true ? ['unknown', SHARED] : ['holds', because];
  const [truth, text] = comparedWithLive(compared);
  if (truth !== 'holds' || listed === undefined) return [truth, text];
  const [others, othersText] = listedContents(listed, NEITHER);
  return others === 'holds' ? ['holds', `${text}; ${othersText}`] : [others, `${othersText}; ${text}`];
}

function comparedWithLive(compared: NonNullable<Facts['file-copy']['compared']>): readonly [Truth, string] {
  const { files, missing, emptied, sizeDiffers, linked = 0 } = compared;
  const looked = `of ${counted(files, 'file')} found in the live store`;
  // What gives files other names in its copies would be called empty otherwise.
  if (missing === files) return ['unknown', `${looked} none lies in it under its name`];
  const lacks = [
    ...(linked === 0
      ? []
      : [
          `${linked} ${linked === 1 ? 'is' : 'are'} the live file itself (by a hard link, or as the live directory is a link or mount), no copy of it,`,
        ]),
    ...(missing === 0 ? [] : [`${missing} ${missing === 1 ? 'is' : 'are'} missing`]),
    ...(emptied === 0 ? [] : [`${emptied} ${emptied === 1 ? 'is' : 'are'} empty`]),
    ...(sizeDiffers === 0 ? [] : [`${sizeDiffers} ${sizeDiffers === 1 ? 'has' : 'have'} another size`]),
  ];
  return lacks.length === 0
    ? ['holds', `${looked} each is in it with its size`]
    : ['fails', `${looked} ${lacks.join(', ')} in it`];
}

/**
 * What the database lists, of files that nobody could compare with the live store: what is not in the copy may be lost in the store
 * as well, or lie in the copy by another name.
 */
function listedContents(
  { files, missing, sizeDiffers }: NonNullable<Facts['file-copy']['listed']>,
  { which, open }: typeof NOT_COMPARED,
): readonly [Truth, string] {
  const looked = `of ${counted(files, 'file')} drawn that the database lists${which}`;
  const lacks = [
    ...(missing === 0 ? [] : [missing === files ? 'none lies' : `${missing} ${missing === 1 ? 'is' : 'are'} not`]),
    ...(sizeDiffers === 0 ? [] : [`${sizeDiffers} ${sizeDiffers === 1 ? 'has' : 'have'} another size`]),
  ];
  return lacks.length === 0
    ? ['holds', `${looked} each is in it`]
    : ['unknown', `${looked} ${lacks.join(', ')} in it${open}`];
}

const NOT_COMPARED = { which: '', open: ', and none was compared with the live store' };
const NEITHER = { which: ' and the live store does not hold as listed', open: '' };

/** Why no file that the database lists could be looked for: that something lies below the path is no proof of them. */
function uncomparedText({ later, future, elsewhere }: NonNullable<Facts['file-copy']['uncompared']>): string {
  const kinds = [
    ...(later === 0 ? [] : [`${later} ${later === 1 ? 'was' : 'were'} registered after it was made`]),
    ...(future === 0 ? [] : [`${future} ${future === 1 ? 'is' : 'are'} dated in the future`]),
    ...(elsewhere === 0 ? [] : [`${elsewhere} ${elsewhere === 1 ? 'names' : 'name'} nothing below the path`]),
  ];
  return `none of the files that the database lists could be looked for in it: of its rows ${kinds.join(', ')}`;
}

const SHARED =
  'it holds a directory that is that of every organization, and no file of this one was compared: nothing tells that its files are in it';

/** What was seen of a copy that counts: a listing tells that something lies below the path, and no more. */
export function heldText(copy: JudgedFileCopy): string {
  if (copy.observation.value.files === 0) {
    return `${fileCopyText(copy)} has nothing of the directory, which is empty, as no file is registered`;
  }
  const { compared, listed, leavesOut, listedBy } = copy.observation.value;
  const more = `${unreadText(listedBy)}${leftOutText(leavesOut)}`;
  if (compared !== undefined || listed !== undefined) return `${fileCopyText(copy)}: ${copy.completeBecause}${more}`;
  return `${fileCopyText(copy)} holds the directory; what is in it was not compared${more}`;
}

/** What a program lists are names and sizes; that it lists a file tells nothing of its bytes. */
function unreadText(listedBy: Facts['file-copy']['listedBy']): string {
  return listedBy === undefined
    ? ''
    : `; ${listedBy} lists names and sizes, and whether all of the data can be read only ${CHECKS[listedBy]} tells`;
}

/** What reads the data of a repository to its end. */
const CHECKS = { restic: 'restic check --read-data', borg: 'borg check --verify-data' } as const;

/** That the newest copy does not count, where an older one serves; nothing where it is the newest. */
export function passedOverText(chosen: JudgedFileCopy, newestFirst: readonly JudgedFileCopy[]): string {
  const { location } = chosen.observation.value;
  const newest = newestFirst.find(({ observation }) => observation.value.location === location);
  if (newest === undefined || newest === chosen || newest.counts !== 'fails') return '';
  return `; the newest there does not count, ${fileCopyText(newest)}: ${whyNot(newest)}`;
}

/** What a copy lacks because it was to: by whose patterns, only people can tell whether that is right. */
function leftOutText(leavesOut: Facts['file-copy']['leavesOut']): string {
  return leavesOut === undefined ? '' : `; it was told to leave out ${namesText(leavesOut.patterns, leavesOut.count)}`;
}

/** Why a copy does not count, or may not. */
export function whyNot(copy: JudgedFileCopy): string {
  if (copy.fromTheFuture) return 'it is dated in the future';
  if (!copy.complete) return copy.completeBecause;
  if (copy.survives === 'fails') return 'it lies in the failure domain that is lost';
  if (copy.contents === 'unknown') return copy.completeBecause;
  const { location } = copy.observation.value;
  return `it is not known whether it outlives the loss: state the failure domain of location ${location} in the configuration`;
}
