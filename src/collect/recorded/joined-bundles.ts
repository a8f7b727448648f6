import type { Config } from '../../config/schema.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { CertificateReading } from '../hosts/certificate-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { WrappedSample } from '../keys/key-provider.ts';
import type { HostAnswer } from './host-bundle-lines.ts';
import { installHostAnswers } from './install-host-answers.ts';
import type { JoinedAnswer, JoinedBundle, JoinedFileSample, JoinedHosts, JoinedStoreAnswer } from './joined-hosts.ts';
import { type LocationBuilder, locationBuilder } from './location-builder.ts';
import type { KeyLine, ProofLine, ProviderLine } from './provider-lines.ts';
import type { RecordedLocation } from './recorded-location.ts';
import { proofKey, type RecordedProvider, unitedProviders } from './recorded-provider.ts';
import { unitedLocations } from './united-locations.ts';

/** A bundle whose answers are taken in one by one. */
export interface JoinedBundleSource {
  readonly bundle: JoinedBundle;
  readonly answers: AsyncIterable<HostAnswer>;
  /** The keyed digest of a key's id, as this bundle has them. */
  readonly keyDigest: (id: string) => string;
}

type JoinedInto = Pick<Config, 'providers' | 'locations'> & { readonly install: Pick<Config['install'], 'host'> };

/**
 * Takes in every answer of the bundles.
 *
 * @param sampleDigest keyed digest of a wrapped sample, as the bundles have them; null where no key is shared
 * @param configured the name of the install host, and providers and locations with the hosts that alone are said to reach them
 * @throws what reading one throws
 */
export async function joinBundles(
  sources: readonly JoinedBundleSource[],
  sampleDigest: (sample: WrappedSample) => string | null,
  configured: JoinedInto,
): Promise<JoinedHosts> {
  const files = new Map<string, JoinedAnswer<Facts['host-file']>[]>();
  const licenses = new Map<string, JoinedAnswer<Facts['license-file']>[]>();
  const certificates = new Map<string, JoinedAnswer<CertificateReading>[]>();
  const systems: JoinedAnswer<Facts['host-system']>[] = [];
  const stores = new Map<string, JoinedStoreAnswer[]>();
  const attachments: SeenAttachment[] = [];
  const locations = new Map<string, RecordedLocation>();
  const providers = new Map<string, RecordedProvider>();
  const samples = new Map<string, JoinedFileSample[]>();
  const reachedFrom = hostsThatReach(configured);
  const installHost = installHostAnswers(configured.install.host);
  for (const { bundle, answers, keyDigest } of sources) {
    const own = new Map<string, LocationBuilder>();
    const asked = new Map<string, ProviderBuilder>();
    const names = new Set<string>();
    for await (const answer of answers) {
      if (OF_INSTALL_HOST.has(answer.type)) installHost.noteHost(bundle.collectorHost);
      switch (answer.type) {
        case 'host-file': {
          const { collectedAt, blindSpot, fact } = answer;
          append(files, `${answer.role} ${answer.path}`, { bundle, collectedAt, blindSpot, value: fact });
          break;
        }
        case 'license-file': {
          const { collectedAt, blindSpot, fact, path } = answer;
          append(licenses, path, { bundle, collectedAt, blindSpot, value: fact });
          break;
        }
        case 'certificate-file': {
          const { collectedAt, blindSpot, certificate, path } = answer;
          append(certificates, path, { bundle, collectedAt, blindSpot, value: certificate });
          break;
        }
        case 'host-system':
          systems.push({ bundle, collectedAt: answer.collectedAt, blindSpot: answer.blindSpot, value: answer.fact });
          break;
        case 'store': {
          const { collectedAt, blindSpot, state, path } = answer;
          append(stores, path, { bundle, collectedAt, blindSpot, value: state, isAbsent: answer.isAbsent === true });
          attachments.push({ path, at: collectedAt, attachment: answer.attachment, installHost: bundle.collectorHost });
          break;
        }
        case 'location':
          own.set(answer.location, locationBuilder(bundle, answer, keyDigest, names));
          attachments.push({
            path: answer.locator,
            at: answer.collectedAt,
            attachment: answer.attachment,
            installHost: null,
          });
          break;
        case 'names':
          for (const name of answer.databases) names.add(name);
          break;
        case 'provider':
          asked.set(answer.provider, { itself: answer, keys: new Map(), proofs: new Map() });
          break;
        case 'key':
          asked.get(answer.provider)?.keys.set(answer.keyRef, answer);
          break;
        case 'proof':
          asked
            .get(answer.provider)
            ?.proofs.set(proofKey(answer.keyRef, answer.version, answer.sample ?? null), answer);
          break;
        case 'file-sample': {
          append(samples, sampleKey(answer.store, answer.database), { bundle, line: answer });
          break;
        }
        case 'finished':
          break;
        default:
          own.get(answer.location)?.take(answer);
      }
    }
    for (const [id, { itself, keys, proofs }] of asked) {
      const { collectedAt } = itself;
      const found = { id, host: bundle.collectorHost, collectedAt, itself, keys, proofs, sampleDigest };
      const known = providers.get(id);
      providers.set(id, known === undefined ? found : unitedProviders(known, found, reachedFrom.provider(id)));
    }
    for (const [name, builder] of own) {
      const known = locations.get(name);
      const built = builder.build();
      locations.set(name, known === undefined ? built : unitedLocations(known, built, reachedFrom.location(name)));
    }
  }
  let byPath: ReadonlyMap<string, SeenAttachment> | null = null;
  const attachmentByPath = () => {
    byPath ??= lastAttachments(
      attachments.filter((seen) => seen.installHost === null || installHost.counts(seen.installHost)),
    );
    return byPath;
  };
  return {
    bundles: sources.map(({ bundle }) => bundle),
    installHost: installHost.host,
    hostFiles: (role, path) => installHost.counted(files.get(`${role} ${path}`) ?? []),
    licenseFiles: (path) => installHost.counted(licenses.get(path) ?? []),
    certificateFiles: (path) => installHost.counted(certificates.get(path) ?? []),
    systems: () => installHost.counted(systems),
    store: (path) => installHost.counted(stores.get(path) ?? []),
    attachment: (path) => attachmentByPath().get(path)?.attachment ?? null,
    location: (name) => locations.get(name) ?? null,
    provider: (id) => providers.get(id) ?? null,
    fileSample: (store, database) =>
      (samples.get(sampleKey(store, database)) ?? [])
        .filter(({ bundle }) => installHost.counts(bundle.collectorHost))
        .reduce<JoinedFileSample | null>(laterSample, null),
  };
}

/** What only the install host is asked. */
const OF_INSTALL_HOST: ReadonlySet<HostAnswer['type']> = new Set([
  'host-file',
  'license-file',
  'certificate-file',
  'host-system',
  'store',
  'file-sample',
]);

/** How a path is attached to the host that looked. */
interface SeenAttachment {
  readonly path: string;
  readonly at: Instant;
  readonly attachment: Attachment;
  /** The host, where it was asked as the install host; null where any host may be asked. */
  readonly installHost: string | null;
}

/** Of each path what was seen last. */
function lastAttachments(seen: readonly SeenAttachment[]): ReadonlyMap<string, SeenAttachment> {
  const last = new Map<string, SeenAttachment>();
  for (const one of seen) {
    const known = last.get(one.path);
    if (known === undefined || known.at <= one.at) last.set(one.path, one);
  }
  return last;
}

interface ProviderBuilder {
  readonly itself: ProviderLine;
  readonly keys: Map<string, KeyLine>;
  readonly proofs: Map<string, ProofLine>;
}

function hostsThatReach({ providers, locations }: Pick<Config, 'providers' | 'locations'>) {
  return {
    provider: (id: string) => providers.find((one) => one.id === id)?.reachableFrom,
    location: (name: string) => {
      const found = locations.find((one) => one.name === name);
      return found?.kind === 'directory' ? found.reachableFrom : undefined;
    },
  };
}

function sampleKey(store: string, database: string): string {
  return `${store}\0${database}`;
}

/** The one that was looked for last: what an older look found may be gone since. */
function laterSample(known: JoinedFileSample | null, found: JoinedFileSample): JoinedFileSample {
  return known !== null && known.line.collectedAt > found.line.collectedAt ? known : found;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
