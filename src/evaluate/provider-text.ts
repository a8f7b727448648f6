import type { Facts } from '../model/facts.ts';
import { bytesText, counted } from '../model/text.ts';

/**
 * What a provider tells of how it is built and of its room, as clauses that each begin with a semicolon: none of it decides
 * whether it answers. Empty where it tells nothing.
 */
export function providerText({
  storageType = null,
  standby = null,
  highAvailability = null,
  performanceReplication = null,
  recoveryReplication = null,
  token,
}: Facts['provider-state']): string {
  return [
    ...(storageType === null ? [] : [`it stores in ${storageType}`]),
    ...(highAvailability === null ? [] : [`high availability is ${highAvailability ? 'on' : 'off'}`]),
    ...(standby === true ? ['the node that was asked is a standby'] : []),
    ...replicationText('performance', performanceReplication),
    ...replicationText('disaster recovery', recoveryReplication),
    ...(token === undefined ? [] : tokenTexts(token)),
  ]
    .map((text) => `; ${text}`)
    .join('');
}

function replicationText(what: string, mode: string | null): readonly string[] {
  if (mode === null) return [];
  return [mode === 'disabled' ? `${what} replication is off` : `it is a ${mode} of ${what} replication`];
}

function tokenTexts({
  freePrivateBytes: free,
  totalPrivateBytes: total,
  sessions,
  maxSessions,
}: NonNullable<Facts['provider-state']['token']>): readonly string[] {
  const memory =
    free === null
      ? []
      : [`${bytesText(free)}${total === null ? '' : ` of ${bytesText(total)}`} of its memory for keys are free`];
  const limit = maxSessions === null ? '' : ` of at most ${maxSessions.toLocaleString('en-US')}`;
  return [
    ...memory,
    ...(sessions === null ? [] : [`${counted(sessions, 'session')}${limit} ${sessions === 1 ? 'is' : 'are'} open`]),
  ];
}
