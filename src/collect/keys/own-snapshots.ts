import type { Facts } from '../../model/facts.ts';

type Snapshot = Facts['provider-snapshot'];

/**
 * The snapshots of a location that may be of one provider, where several keep theirs in it: all but those of another
 * one, told by the unique ids of mounts that storage paths begin with. Mounts that some snapshot holds together with
 * the provider's own are of the same Vault, so one that was cut short between them still counts.
 *
 * @param mountUuid of the provider; null where it is not known, which leaves every snapshot possible
 * @param known what else is mounted in the same Vault, as far as it told
 * @param others mounts of the other providers that keep snapshots in the location, as far as they are known
 * @param untold names of those other providers that did not tell theirs: what is not shown to be of this one may be of them
 */
export function ownSnapshots(
  snapshots: readonly Snapshot[],
  mountUuid: string | null,
  known: readonly string[],
  others: readonly string[],
  untold: readonly string[] = [],
): readonly Snapshot[] {
  if (mountUuid === null) return snapshots;
  const ofSameVault = new Set([
    mountUuid,
    ...known,
    ...snapshots.filter((one) => one.mountUuids.includes(mountUuid)).flatMap((one) => one.mountUuids),
  ]);
  const foreign = new Set(others.filter((uuid) => !ofSameVault.has(uuid)));
  const isOfOther = ({ mountUuids }: Snapshot) =>
    untold.length > 0 && mountUuids.length > 0 && !mountUuids.some((uuid) => ofSameVault.has(uuid));
  return snapshots
    .filter((one) => !one.mountUuids.some((uuid) => foreign.has(uuid)))
    .map((one) => (isOfOther(one) ? { ...one, mayBeOf: [...untold] } : one));
}
