import type { Config } from '../../config/schema.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { CertificateReading } from '../hosts/certificate-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { WrappedSample } from '../keys/key-provider.ts';
import type { HostAnswer } from './host-bundle-lines.ts';
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

/**
 * Takes in every answer of the bundles.
 *
 * @param sampleDigest keyed digest of a wrapped sample, as the bundles have them; null where no key is shared
 * @param configured providers and locations, with the hosts that alone are said to reach them
 * @throws what reading one throws
 */
export async function joinBundles(
  sources: readonly JoinedBundleSource[],
  sampleDigest: (sample: WrappedSample) => string | null,
  configured: Pick<Config, 'providers' | 'locations'>,
): Promise<JoinedHosts> {
  const files = new Map<string, JoinedAnswer<Facts['host-file']>[]>();
  const licenses = new Map<string, JoinedAnswer<Facts['license-file']>[]>();
  const certificates = new Map<string, JoinedAnswer<CertificateReading>[]>();
  const systems: JoinedAnswer<Facts['host-system']>[] = [];
  const stores = new Map<string, JoinedStoreAnswer[]>();
  const attachments = new Map<string, { readonly at: Instant; readonly attachment: Attachment }>();
  const locations = new Map<string, RecordedLocation>();
  const providers = new Map<string, RecordedProvider>();
  const samples = new Map<string, JoinedFileSample>();
  const reachedFrom = hostsThatReach(configured);
  const attached = (path: string, at: Instant, attachment: Attachment): void => {
    const known = attachments.get(path);
    if (known === undefined || known.at <= at) attachments.set(path, { at, attachment });
  };
  for (const { bundle, answers, keyDigest } of sources) {
    const own = new Map<string, LocationBuilder>();
    const asked = new Map<string, ProviderBuilder>();
    const names = new Set<string>();
    for await (const answer of answers) {
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
          attached(path, collectedAt, answer.attachment);
          break;
        }
        case 'location':
          own.set(answer.location, locationBuilder(bundle, answer, keyDigest, names));
          attached(answer.locator, answer.collectedAt, answer.attachment);
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
          const key = sampleKey(answer.store, answer.database);
          samples.set(key, laterSample(samples.get(key), { bundle, line: answer }));
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
  return {
    bundles: sources.map(({ bundle }) => bundle),
    hostFiles: (role, path) => files.get(`${role} ${path}`) ?? [],
    licenseFiles: (path) => licenses.get(path) ?? [],
    certificateFiles: (path) => certificates.get(path) ?? [],
    systems: () => systems,
    store: (path) => stores.get(path) ?? [],
    attachment: (path) => attachments.get(path)?.attachment ?? null,
    location: (name) => locations.get(name) ?? null,
    provider: (id) => providers.get(id) ?? null,
    fileSample: (store, database) => samples.get(sampleKey(store, database)) ?? null,
  };
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
function laterSample(known: JoinedFileSample | undefined, found: JoinedFileSample): JoinedFileSample {
  return known !== undefined && known.line.collectedAt > found.line.collectedAt ? known : found;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
