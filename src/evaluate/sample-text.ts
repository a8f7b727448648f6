import type { Facts } from '../model/facts.ts';
import { counted, onOneLine } from '../model/text.ts';

type Looked = Facts['file-sample'] | Facts['file-copy-sample'];

/** What a sample without a loss says of all: exactly, where all were drawn, else by the binomial distribution. */
export function boundText(drawn: number, isAll: boolean, { populationIsEstimate }: Looked): string {
  if (isAll && populationIsEstimate !== true) return 'these are all';
  const least = Math.floor(100 * CONFIDENCE_LEFT ** (1 / drawn));
  return `with 95 % confidence at least ${least} % are there`;
}

const CONFIDENCE_LEFT = 0.05;

export function rowsText({ population, populationIsEstimate }: Looked): string {
  return `${populationIsEstimate === true ? 'about ' : ''}${counted(population, 'row')}`;
}

export function summedText({ checksumsCompared }: Looked): string {
  return checksumsCompared === 0 ? ', none compared by checksum' : `, ${checksumsCompared} compared by checksum`;
}

/** Of what was found, what nobody can read at once: it is there, and whoever recovers must have it brought back first. */
export function archivedText({ archived = 0 }: Looked): string {
  if (archived === 0) return '';
  const them = archived === 1 ? 'it' : 'each';
  return `; ${archived} of them ${archived === 1 ? 'lies' : 'lie'} in an archive storage class: ${them} must be brought back before it can be read, which takes hours`;
}

/** What is missing or differs, with the first names or digests. */
export function lossText(looked: Looked): string {
  const { missing, sizeDiffers, checksumDiffers, examples } = looked;
  const damaged = 'damaged' in looked ? (looked.damaged ?? 0) : 0;
  const kinds = [
    ...(damaged > 0 ? [`${damaged} that cannot be read, as the data there are damaged`] : []),
    ...(missing > 0 ? [`${missing} not there`] : []),
    ...(sizeDiffers > 0 ? [`${sizeDiffers} of another size than listed`] : []),
    ...(checksumDiffers > 0 ? [`${checksumDiffers} with another checksum than listed`] : []),
  ];
  const named = examples.length === 0 ? '' : `, such as ${examples.slice(0, 3).map(onOneLine).join(', ')}`;
  return `${kinds.join(', ')}${named}`;
}

/** What could not be asked for. */
export function unaskedText({ refused, links = 0, unchecked }: Looked): string {
  const names = refused - links;
  // Older versions did not tell links from such names.
  const misnamed = `${counted(names, 'row')} ${names === 1 ? 'names' : 'name'} an absolute path, a step upwards or a link, which is not followed`;
  const linked = `${counted(links, 'file')} ${links === 1 ? 'is a symbolic link' : 'are symbolic links'}, or behind one, which is not followed: what it leads to may be there, and was not looked at`;
  const kinds = [
    ...(names > 0 ? [misnamed] : []),
    ...(links > 0 ? [linked] : []),
    ...(unchecked > 0 ? [`${counted(unchecked, 'file')} could not be asked for`] : []),
  ];
  return kinds.join('; ');
}
