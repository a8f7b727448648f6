import type { AwsBackupSource } from './aws-backup-source.ts';
import type { AwsReading } from './aws-reading.ts';
import { volumeSchema } from './backup-answers.ts';

/**
 * What contradicts that a server keeps its data on the volumes that the configuration names, by the name of the server: a
 * schedule goes on with snapshots of a volume that was replaced, and these bring back what was on it then. Nothing where
 * AWS did not tell. Source: Amazon EC2 API Reference, DescribeVolumes, data types Volume and VolumeAttachment.
 */
export async function contradictedVolumes(
  source: AwsBackupSource,
  reading: AwsReading,
  servers: readonly { readonly server: string; readonly volumeIds: readonly string[] }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(servers.flatMap(({ volumeIds }) => volumeIds))];
  const volumes = await reading.list('ec2', 'DescribeVolumes', volumeSchema, async () =>
    (await source.ec2()).volumes(ids),
  );
  if (!reading.isAnswered('DescribeVolumes')) return new Map();
  const attachedTo = new Map(
    volumes.map(({ VolumeId, Attachments }) => [
      VolumeId,
      (Attachments ?? []).flatMap(({ InstanceId, State }) =>
        InstanceId !== null && (State === 'attached' || State === 'busy') ? [InstanceId] : [],
      ),
    ]),
  );
  const found = new Map<string, string>();
  for (const { server, volumeIds } of servers) {
    const because = contradiction(volumeIds, attachedTo);
    if (because !== null) found.set(server, because);
  }
  return found;
}

function contradiction(
  volumeIds: readonly string[],
  attachedTo: ReadonlyMap<string, readonly string[]>,
): string | null {
  const gone = volumeIds.find((id) => !attachedTo.has(id));
  if (gone !== undefined) return `volume ${gone}, on which the configuration says that its data lie, is not there`;
  const idle = volumeIds.find((id) => attachedTo.get(id)?.length === 0);
  if (idle !== undefined)
    return `volume ${idle}, on which the configuration says that its data lie, is attached to no machine`;
  const [first = [], ...others] = volumeIds.map((id) => attachedTo.get(id) ?? []);
  const isOfOne = first.some((machine) => others.every((machines) => machines.includes(machine)));
  return isOfOne
    ? null
    : 'the volumes on which the configuration says that its data lie are attached to different machines';
}
