import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytesText } from '../../model/text.ts';
import { FACES, type FaceName, faceFile } from '../../report/formats/pdf/font-files.ts';
import { type Check, mistake, ok, warning } from './check.ts';

const LEAST_NODE = [22, 13] as const;
/** Less than a report of a large install takes. */
const LITTLE_SPACE = 256 * 1024 * 1024;

/** Whether this program can run here. */
export function runtimeChecks(): readonly Check[] {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return [
      mistake('runtime', `Node.js ${version} is too old`, `Install Node.js ${leastMajor}.${leastMinor} or newer.`),
    ];
  }
  return [ok('runtime', `Node.js ${version} on ${process.platform} ${process.arch}`)];
}

/** Time-zone data, on which schedules and dump headers rest. Names in the configuration were checked with it. */
export function timeZoneChecks(zones: readonly { readonly path: string; readonly zone: string }[]): readonly Check[] {
  const wrong = zones.filter(({ zone }) => !isTimeZone(zone));
  const data = process.versions['tz'];
  return [
    data === undefined
      ? mistake('time zones', 'this Node.js has no time-zone data', 'Install a Node.js with full ICU data.')
      : ok(
          'time zones',
          `time-zone data ${data}; ${zones.length - wrong.length} of ${zones.length} configured names known`,
        ),
    ...wrong.map(({ path, zone }) =>
      mistake(
        'time zones',
        `${path}: ${zone} is no time zone`,
        'Write a name of the IANA time zone database, such as Europe/Berlin.',
      ),
    ),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether reports could be written. Nothing is written to find out. */
export async function outputChecks(directory: string): Promise<readonly Check[]> {
  const existing = await nearestExisting(directory);
  const change = 'Name another in report.directory, or let the user of the audit write there.';
  if (!existing.isDirectory) return [mistake('output', `${existing.path} is no directory`, change)];
  try {
    await access(existing.path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return [mistake('output', `reports cannot be written to ${directory} (${code} at ${existing.path})`, change)];
  }
  const { bavail, bsize } = await statfs(existing.path);
  const free = bavail * bsize;
  const will = existing.path === directory ? 'is writable' : `will be made in ${existing.path}`;
  if (free >= LITTLE_SPACE) return [ok('output', `${directory} ${will}; ${bytesText(free)} free`)];
  return [warning('output', `${directory} ${will}, with ${bytesText(free)} free`, 'Free space on that disk.')];
}

async function nearestExisting(path: string): Promise<{ readonly path: string; readonly isDirectory: boolean }> {
  try {
    return { path, isDirectory: (await stat(path)).isDirectory() };
  } catch {
    const parent = dirname(path);
    return parent === path ? { path, isDirectory: false } : nearestExisting(parent);
  }
}

/** Whether what draws the reports is there. */
export async function rendererChecks(): Promise<readonly Check[]> {
  const change = 'Install the program again with its dependencies: npm ci, or the published package.';
  const missing: string[] = [];
  for (const face of Object.keys(FACES) as FaceName[]) {
    try {
      await access(faceFile(face), constants.R_OK);
    } catch {
      missing.push(`typeface ${FACES[face]}`);
    }
  }
  await import('pdfkit').catch(() => missing.push('pdfkit'));
  await import('../../report/formats/compiled-templates.ts').catch(() => missing.push('precompiled templates'));
  if (missing.length > 0) return [mistake('renderer', `missing: ${missing.join(', ')}`, change)];
  return [ok('renderer', `${Object.keys(FACES).length} typefaces, pdfkit and the templates are there`)];
}
