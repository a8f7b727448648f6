import type { KeyProvider } from '../../collect/keys/key-provider.ts';
import { openKeyProvider } from '../../collect/keys/open-key-provider.ts';
import { isProviderReachable } from '../../collect/reachable.ts';
import type { ProviderConfig } from '../../config/provider-schema.ts';
import { type Check, clockChecks, ok, unanswered, warning } from './check.ts';
import type { DoctorContext } from './doctor-context.ts';

const AREA = 'providers';

/** Every key provider: answers, and its credentials cannot write. */
export async function providerChecks(context: DoctorContext): Promise<readonly Check[]> {
  const checks = await Promise.all(context.config.providers.map((config) => providerCheck(context, config)));
  return checks.flat();
}

async function providerCheck(context: DoctorContext, config: ProviderConfig): Promise<readonly Check[]> {
  if (!isProviderReachable(context.config, config)) return [elsewhere(context, config)];
  const failed = (error: unknown) => {
    context.signal.throwIfAborted();
    return [unanswered(AREA, config.id, context.asker.blindSpotOf(error, `provider ${config.id}`))];
  };
  try {
    const provider = await openKeyProvider(config, {
      prove: false,
      timeoutMillis: context.config.collect.requestTimeoutSeconds * 1000,
      signal: context.signal,
      secret: context.secret,
    });
    try {
      return [
        ...(await stateChecks(context, provider)),
        ...(await peerChecks(context, provider).catch(failed)),
        ...(await rightsChecks(context, provider).catch(failed)),
        ...clockChecks(AREA, config.id, provider.clockOffsetMillis(), context.clockToleranceMinutes),
      ];
    } finally {
      await provider.close();
    }
  } catch (error) {
    return failed(error);
  }
}

/** A provider that another host asks: what is left to check here is that its answer can be trusted. */
function elsewhere({ config }: DoctorContext, { id, reachableFrom = '' }: ProviderConfig): Check {
  const change =
    config.digestKey === undefined
      ? 'Configure a digestKey that both hosts can read, then: recoverage plan, collect --plan on that host, scan --with.'
      : `recoverage plan --only providers:${id}, collect --plan on that host, scan --with.`;
  return warning(AREA, `${id}: is asked on host ${reachableFrom}, so that it was not asked here`, change);
}

async function stateChecks(context: DoctorContext, provider: KeyProvider): Promise<readonly Check[]> {
  const { items, blindSpot } = await provider.state();
  const answered = items.map(({ sealed, initialized, version }): Check => {
    const name = `${provider.id}: ${provider.locator}`;
    if (sealed === true || initialized === false) {
      const detail = `${provider.locator} is ${initialized === false ? 'not initialized' : 'sealed'}`;
      return unanswered(AREA, provider.id, {
        reason: 'unreachable',
        detail,
        remedy: 'Unseal it, then run doctor again.',
      });
    }
    return ok(AREA, `${name} answers${version === null ? '' : `, version ${version}`}`);
  });
  context.signal.throwIfAborted();
  return blindSpot == null ? answered : [...answered, unanswered(AREA, provider.id, blindSpot)];
}

async function peerChecks(context: DoctorContext, { id, peer }: KeyProvider): Promise<readonly Check[]> {
  if (peer === undefined) return [];
  const { items } = await peer.state();
  context.signal.throwIfAborted();
  return items.map(({ version }) => {
    const which = version === null ? '' : `, version ${version}`;
    return ok(AREA, `${id}: its peer, ${peer.locator}, answers${which}`);
  });
}

async function rightsChecks(context: DoctorContext, provider: KeyProvider): Promise<readonly Check[]> {
  const answer = provider.rights([]);
  if (answer === null) {
    return [ok(AREA, `${provider.id}: offers no way to ask what its credentials may do without more rights`)];
  }
  const { items } = await answer;
  context.signal.throwIfAborted();
  return items.map(({ canWrite, because }) =>
    canWrite
      ? warning(
          AREA,
          `${provider.id}: ${because}`,
          'Use credentials with the policy that recoverage permissions prints. RUN-1 fails until then.',
        )
      : ok(AREA, `${provider.id}: ${because}`),
  );
}
