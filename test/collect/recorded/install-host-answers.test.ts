import { describe, expect, it } from 'vitest';
import { installHostAnswers } from '../../../src/collect/recorded/install-host-answers.ts';
import type { JoinedAnswer, JoinedBundle } from '../../../src/collect/recorded/joined-hosts.ts';
import { ago } from '../../evaluate/fixture.ts';

const answer = (collectorHost: string): JoinedAnswer<string> => ({
  bundle: { collectorHost } as JoinedBundle,
  collectedAt: ago(1),
  value: `seen on ${collectorHost}`,
  blindSpot: null,
});

/** What counts of the answers of some hosts, as the configuration calls the install host `install-1`. */
function counted(...hosts: readonly string[]) {
  const ofHost = installHostAnswers('install-1');
  for (const host of hosts) ofHost.noteHost(host);
  const answers = ofHost.counted(hosts.map(answer));
  return {
    values: answers.map(({ value }) => value),
    blind: answers.map(({ blindSpot }) => blindSpot?.detail ?? null),
    host: ofHost.host(),
  };
}

describe('answers as the install host', () => {
  it('are those of the host of that name alone, whoever answered later', () => {
    expect(counted('standby-1', 'INSTALL-1.example.org', 'other')).toEqual({
      values: ['seen on INSTALL-1.example.org'],
      blind: [null],
      host: 'INSTALL-1.example.org',
    });
  });

  it('are those of a host of another name while it is the only one', () => {
    expect(counted('vm', 'vm.example.org')).toMatchObject({
      values: ['seen on vm', 'seen on vm.example.org'],
      host: 'vm',
    });
  });

  it('are none where several answered and none bears its name', () => {
    const { values, blind, host } = counted('vm', 'standby-1');
    expect(values).toEqual([null, null]);
    expect(blind[0]).toBe(
      'standby-1 and vm answered in bundles of their own as the install host, and none of them bears its name install-1',
    );
    expect(host).toBeNull();
  });

  it('are none of the other where the install host was not asked this', () => {
    const ofHost = installHostAnswers('install-1');
    for (const host of ['install-1', 'standby-1']) ofHost.noteHost(host);
    expect(ofHost.counted([answer('standby-1')])).toEqual([]);
  });
});
