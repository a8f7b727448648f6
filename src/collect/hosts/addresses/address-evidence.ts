import type { Config } from '../../../config/schema.ts';
import type { AnyEvidence, Evidence } from '../../../model/evidence.ts';
import { SECOND } from '../../../model/instant.ts';
import type { Subject } from '../../../model/subject.ts';
import type { Collection } from '../../estate.ts';
import { lastLook } from '../../recorded/later-look.ts';
import { hostProbe } from '../probe/host-probe.ts';
import { readCertificateFile } from '../read-certificate-file.ts';
import { type AddressClient, createAddressClient } from './address-client.ts';
import { ADDRESS_OPERATIONS } from './address-operations.ts';
import { endpointOf, endpointText } from './endpoint.ts';

type AddressConfig = Config['install']['addresses'][number];

/**
 * What the configured addresses of the install resolve to, and their certificates: from the file on the install host where
 * that could be read there, else as the address shows it to whoever collects.
 */
export async function addressEvidence(collection: Collection, install: Subject): Promise<readonly AnyEvidence[]> {
  const { config, signal } = collection;
  const { addresses } = config.install;
  const client = createAddressClient({
    admitted: addresses.map(({ url }) => endpointOf(url)),
    timeoutMillis: config.collect.connectTimeoutSeconds * SECOND,
    signal,
  });
  const found = await Promise.all(addresses.map((address) => evidenceOf(collection, client, install, address)));
  return found.flat();
}

async function evidenceOf(
  collection: Collection,
  client: AddressClient,
  install: Subject,
  address: AddressConfig,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const endpoint = endpointOf(address.url);
  const name = endpointText(endpoint);
  const question = { subject: install, source: `address ${name}` } as const;
  const resolved = asker.ask({
    ...question,
    kind: 'address',
    operation: ADDRESS_OPERATIONS.lookup.operation,
    locator: address.url,
    answer: async () => ({
      items: [{ url: address.url, ...endpoint, resolvesTo: [...(await client.resolve(endpoint))] }],
    }),
  });
  const fromFiles = await certificateFiles(collection, install, address, name);
  if (fromFiles.some(({ items }) => items.length > 0)) return [await resolved, ...fromFiles];
  const shown = await asker.ask({
    ...question,
    kind: 'certificate',
    operation: ADDRESS_OPERATIONS.handshake.operation,
    locator: name,
    answer: async () => {
      const { certificate, refusedBecause } = await client.shownCertificate(endpoint, address.caFile ?? null);
      const origin = 'handshake' as const;
      return { items: [{ ...certificate, address: name, origin, path: null, refusedBecause }] };
    },
  });
  return [await resolved, ...fromFiles, shown];
}

/** What the install host told of the certificate file: in a bundle of its own, and where the collector runs there. */
async function certificateFiles(
  { config, asker, joined, signal }: Collection,
  install: Subject,
  { certificateFile: path }: AddressConfig,
  address: string,
): Promise<readonly Evidence<'certificate'>[]> {
  if (path === undefined) return [];
  const question = {
    kind: 'certificate',
    subject: install,
    source: 'install host',
    operation: `certificate file of ${address}`,
    locator: path,
  } as const;
  const own = { address, origin: 'file', path, refusedBecause: null } as const;
  const answered = joined
    .certificateFiles(path)
    .map(({ value, blindSpot, collectedAt, bundle }) =>
      asker.record(
        question,
        { items: value === null ? [] : [{ ...value, ...own }], blindSpot },
        { collectedAt, digest: bundle.digest },
      ),
    );
  if (!config.install.collectorRunsHere) return lastLook(answered, null);
  const here = await asker.ask({
    ...question,
    answer: async () => ({ items: [{ ...(await readCertificateFile({ probe: hostProbe, signal }, path)), ...own }] }),
  });
  return lastLook(answered, here);
}
