import type { PlannedProvider } from '../../config/host-plan.ts';
import type { Facts } from '../../model/facts.ts';
import type { PlannedDraw } from '../../model/planned-draw.ts';
import { whyNotAbsent } from '../absent-directory.ts';
import { systemClock } from '../ask.ts';
import { hostSystem } from '../hosts/host-system.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import { readCertificateFile } from '../hosts/read-certificate-file.ts';
import { readHostFile } from '../hosts/read-host-file.ts';
import { readLicenseFile } from '../hosts/read-license-file.ts';
import { type FileSampleAccess, recordFileSample } from './record-file-sample.ts';
import { type DirectoryLocation, recordLocation } from './record-location.ts';
import { type ProviderAccess, recordProvider } from './record-provider.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

/** What a plan asks of a host. */
export interface HostQuestions {
  readonly hostFiles: readonly { readonly role: Facts['host-file']['role']; readonly path: string }[];
  /** The file that holds the license, where the configuration names one. */
  readonly licenseFile?: string | undefined;
  /** Files that hold certificates of the install's addresses. */
  readonly certificateFiles?: readonly string[] | undefined;
  /** Whether the host's operating system is asked. */
  readonly system: boolean;
  /** Directories of live stores. */
  readonly stores: readonly string[];
  readonly locations: readonly DirectoryLocation[];
  readonly providers: readonly PlannedProvider[];
  /** Files to look for in the stores. */
  readonly fileSamples: readonly PlannedDraw[];
}

export type HostAccess = RecordingAccess & ProviderAccess & FileSampleAccess;

const NAMES_IN_LINE = 1000;

/** Answers every question of a plan on the host that this runs on. @throws only when interrupted, and what `put` throws */
export async function recordHost(access: HostAccess, questions: HostQuestions, put: PutAnswer): Promise<void> {
  const { asker, signal } = access;
  if (questions.system) {
    await put({ type: 'host-system', collectedAt: systemClock(), fact: await hostSystem(), blindSpot: null });
  }
  for (const { role, path } of questions.hostFiles) {
    const collectedAt = systemClock();
    try {
      const fact = await readHostFile(access, role, path);
      await put({ type: 'host-file', collectedAt, role, path, fact, blindSpot: null });
    } catch (error) {
      signal.throwIfAborted();
      const blindSpot = asker.blindSpotOf(error, 'install host');
      await put({ type: 'host-file', collectedAt, role, path, fact: null, blindSpot });
    }
  }
  if (questions.licenseFile !== undefined) await recordLicense(access, questions.licenseFile, put);
  for (const path of questions.certificateFiles ?? []) await recordCertificate(access, path, put);
  for (const path of questions.stores) await recordStore(access, path, put);
  for (const draw of questions.fileSamples) await recordFileSample(access, draw, put);
  await recordNames(access, put);
  for (const location of questions.locations) await recordLocation(access, location, put);
  for (const provider of questions.providers) await recordProvider(access, provider, put);
}

/** By which names copies are told: of a database that is not among them nothing is said. */
async function recordNames({ names }: RecordingAccess, put: PutAnswer): Promise<void> {
  const databases = [...(names?.databases ?? [])].sort();
  for (let at = 0; at < databases.length; at += NAMES_IN_LINE) {
    await put({ type: 'names', databases: databases.slice(at, at + NAMES_IN_LINE) });
  }
}

async function recordLicense(access: RecordingAccess, path: string, put: PutAnswer): Promise<void> {
  const line = { type: 'license-file', collectedAt: systemClock(), path } as const;
  try {
    await put({ ...line, fact: await readLicenseFile(access, path), blindSpot: null });
  } catch (error) {
    access.signal.throwIfAborted();
    await put({ ...line, fact: null, blindSpot: access.asker.blindSpotOf(error, 'install host') });
  }
}

async function recordCertificate(access: RecordingAccess, path: string, put: PutAnswer): Promise<void> {
  const line = { type: 'certificate-file', collectedAt: systemClock(), path } as const;
  try {
    await put({ ...line, certificate: await readCertificateFile(access, path), blindSpot: null });
  } catch (error) {
    access.signal.throwIfAborted();
    await put({ ...line, certificate: null, blindSpot: access.asker.blindSpotOf(error, 'install host') });
  }
}

async function recordStore({ asker, signal, probe }: RecordingAccess, path: string, put: PutAnswer): Promise<void> {
  const collectedAt = systemClock();
  let attachment: Attachment = 'unknown';
  try {
    attachment = await probe.ask({ ask: 'attachment', path }, signal);
    const state = await probe.ask({ ask: 'directory', path }, signal);
    await put({ type: 'store', collectedAt, path, state, attachment, blindSpot: null });
  } catch (error) {
    const why = await whyNotAbsent(error, probe, path, signal);
    signal.throwIfAborted();
    const blindSpot = asker.blindSpotOf(why ?? error, 'install host');
    const absent = why === null ? ({ isAbsent: true } as const) : {};
    await put({ type: 'store', collectedAt, path, state: null, ...absent, attachment, blindSpot });
  }
}
