import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';

type Package = Facts['installer-package'];

/** A truth with its reason; null where nothing speaks against it. */
export interface Objection {
  readonly truth: Exclude<Truth, 'holds'>;
  readonly because: string;
}

/** Words before the version that a package of the product bears. Another word may be that of another product. */
const OWN_WORDS = new Set(
  'novantra onprem on prem default standard stable preview docker image installer setup linux ubuntu windows win v'.split(
    ' ',
  ),
);
/** Words that name a build: one of them that is not the profile's own makes it another build. */
const BUILD_WORDS = new Set('fips training debug airgap airgapped trial evaluation'.split(' '));

/** Architectures under the names of Debian, of Windows and of Node.js, by that of Node.js. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['amd64', 'x86_64', 'x64'],
  arm64: ['arm64', 'aarch64'],
  ia32: ['i386', 'i686', 'x86', 'ia32'],
  arm: ['armhf', 'armel', 'arm'],
  ppc64: ['ppc64el', 'ppc64le', 'ppc64'],
  s390x: ['s390x'],
  riscv64: ['riscv64'],
};
/** Of a package that suits every architecture, deb-control(5). */
const EVERY = 'all';

/**
 * What the names of a package, outside and in its control file, say against its being that of the product, version and
 * profile that run.
 *
 * @param profile of the install, in lower case with hyphens; null: not known, so that no build is another one
 */
export function objectionToNames({ path, version, control }: Package, profile: string | null): Objection | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const at = name.indexOf(version.toLowerCase());
  const outside = { text: name, before: at < 0 ? name : name.slice(0, at), after: at < 0 ? '' : name.slice(at) };
  const names = [outside];
  if (control !== undefined && control !== null) {
    if (!isOfVersion(control.version, version)) {
      return { truth: 'fails', because: `its control file names version ${control.version}` };
    }
    names.push({ text: control.package, before: control.package.toLowerCase(), after: '' });
  }
  const ofProfile = profile === null ? BUILD_WORDS : new Set([...wordsOf(profile), wordsOf(profile).join('')]);
  const objections = names.flatMap(({ text, before, after }) => objectionsTo(text, before, after, ofProfile));
  return objections.find(({ truth }) => truth === 'fails') ?? objections[0] ?? null;
}

function objectionsTo(text: string, before: string, after: string, ofProfile: ReadonlySet<string>): Objection[] {
  const build = wordsOf(`${before} ${after}`).find((word) => BUILD_WORDS.has(word) && !ofProfile.has(word));
  if (build !== undefined) {
    return [{ truth: 'fails', because: `the name ${text} is that of another build: ${build}` }];
  }
  const words = wordsOf(before);
  const isOwn = (word: string) => OWN_WORDS.has(word) || ofProfile.has(word) || architectureOf(word) !== null;
  const foreign = words.find((word) => !isOwn(word) && !/^\d+$/.test(word));
  if (foreign === undefined) return [];
  return [{ truth: 'unknown', because: `${text} may be the name of another product: ${foreign}` }];
}

/**
 * What speaks against the package's running on a host of that architecture (as Node.js names it; null: not known). What
 * its control file says counts, else what its name says.
 */
export function objectionToArchitecture({ path, control }: Package, host: string | null): Objection | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const named = control?.architecture ?? /amd64|x86_64|x64|arm64|aarch64|i386|i686|armhf/.exec(name)?.[0] ?? EVERY;
  if (named === EVERY) return null;
  if (host === null)
    return { truth: 'unknown', because: `it is of ${named}, and the host's architecture is not known` };
  const of = architectureOf(named);
  if (of === null && named !== host) {
    return { truth: 'unknown', because: `it is not known whether ${named} is the host's architecture, ${host}` };
  }
  if (of === null || of === host) return null;
  return { truth: 'fails', because: `it is of the architecture ${named}, and the host is ${host}` };
}

function architectureOf(word: string): string | null {
  return Object.entries(ARCHITECTURES).find(([, names]) => names.includes(word))?.[0] ?? null;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^a-z0-9]+/).filter((word) => word !== '');
}

/** deb-version(7): an epoch may stand before the version of the product, a revision after it. */
function isOfVersion(stated: string, version: string): boolean {
  const upstream = stated.replace(/^\d+:/, '');
  const rest = upstream.slice(version.length);
  return upstream.startsWith(version) && /^(?:$|[-+~](?!(?:rc|beta|alpha|preview)))/i.test(rest);
}
