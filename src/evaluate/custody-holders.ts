import { anyOf } from './conclude.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { type Holder, holderNode, OPEN, openedNode } from './custody-nodes.ts';
import { addLocation } from './custody-of-locations.ts';
import { addProvider } from './custody-of-providers.ts';
import { survives } from './failure-domains.ts';
import { judgeFileCopies } from './files.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

/** Whoever holds a key or a passphrase, and what brings that holder back. */
export function addHolder(builder: CustodyBuilder, holder: Holder): void {
  const node = holderNode(holder);
  if (builder.ways.has(node)) return;
  const { kind, name, account, region } = holder;
  const lost = kind === 'host' ? `host ${name}` : name;
  builder.ends.set(node, {
    unknown:
      kind === 'host'
        ? `host ${name} is lost, and it is not known whether the copies of its files hold it`
        : `it is not known whether ${lost} outlives the loss: state its failure domain`,
    never: `${lost} is lost, and nothing that outlives the loss brings it back`,
  });
  switch (kind) {
    case 'outside':
      builder.ways.set(node, [OPEN]);
      return;
    case 'provider':
      addProvider(builder, name);
      return;
    case 'place':
      builder.ways.set(node, [{ truth: builder.locationSurvives(name), needs: [] }]);
      return;
    case 'location':
      builder.ways.set(node, [{ truth: builder.locationSurvives(name), needs: [{ id: openedNode(name), text: '' }] }]);
      addLocation(builder, name);
      return;
    case 'service': {
      const domain = { host: null, site: null, account, region, origin: 'observed' } as const;
      builder.ways.set(node, [{ truth: survives([domain], builder.context.policy.loss), needs: [] }]);
      return;
    }
    case 'host':
      builder.ways.set(node, hostWays(builder, name));
  }
}

/**
 * The install host outlives the loss, or its files come back from a backup set that does. Of the sets only the bootstrap
 * file and the state directory are known to be in them: whether what is kept on the host is, nobody looked.
 */
function hostWays({ facts, context }: CustodyBuilder, host: string): readonly Way[] {
  const domain = { host, site: null, account: null, region: null, origin: 'stated' } as const;
  const stated = aboutSubject(facts.hostDomains, host).map(({ value }) => value);
  const outlives = survives(stated.length === 0 ? [domain] : stated, context.policy.loss);
  const copies = judgeFileCopies(
    aboutSubject(facts.hostCopies, host),
    facts.locationDomains,
    context.policy.loss,
    context.asOf,
  );
  const byLocation = Map.groupBy(copies, ({ observation }) => observation.value.location);
  return [
    { truth: outlives, needs: [] },
    ...[...byLocation].map(
      ([location, there]): Way => ({
        truth: anyOf(there.map(({ counts }) => counts)) === 'fails' ? 'fails' : 'unknown',
        needs: [{ id: openedNode(location), text: `the copies of host ${host} lie in ${location}` }],
      }),
    ),
  ];
}
