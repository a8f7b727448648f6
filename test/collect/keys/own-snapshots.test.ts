import { describe, expect, it } from 'vitest';
import { ownSnapshots } from '../../../src/collect/keys/own-snapshots.ts';
import { fact } from '../../evaluate/fixture.ts';

const OWN = 'own-mount';
const OTHER = 'other-mount';
const snapshot = (...mountUuids: readonly string[]) => fact('provider-snapshot', { mountUuids: [...mountUuids] });

describe('snapshots in a location that several providers share', () => {
  it('are not those of another provider', () => {
    const own = snapshot(OWN, 'kv');
    expect(ownSnapshots([snapshot(OTHER), own], OWN, [], [OTHER])).toEqual([own]);
  });

  it('are those of a provider that is not configured, and those that tell no mount', () => {
    const all = [snapshot('stranger'), snapshot()];
    expect(ownSnapshots(all, OWN, [], [OTHER])).toEqual(all);
  });

  it('are all possible while the own mount is not known', () => {
    const all = [snapshot(OTHER), snapshot(OWN)];
    expect(ownSnapshots(all, null, [], [OTHER])).toEqual(all);
  });

  it('of two mounts of one Vault count for both, though one was cut short before the second', () => {
    const all = [snapshot(OTHER), snapshot(OTHER, OWN)];
    expect(ownSnapshots(all, OWN, [], [OTHER])).toEqual(all);
    expect(ownSnapshots(all, OTHER, [], [OWN])).toEqual(all);
  });

  it('from before the own mount had any key count by what else is mounted in the Vault', () => {
    const all = [snapshot(OTHER)];
    expect(ownSnapshots(all, OWN, [OTHER], [OTHER])).toEqual(all);
    expect(ownSnapshots(all, OWN, ['kv'], [OTHER])).toEqual([]);
  });

  it('may be of another provider that did not tell its mounts, unless something shows them to be of this one', () => {
    const own = snapshot(OWN, 'kv');
    const beside = snapshot('kv');
    const other = snapshot(OTHER);
    const all = ownSnapshots([other, own, beside, snapshot()], OWN, [], [], ['vault-2']);
    expect(all).toEqual([{ ...other, mayBeOf: ['vault-2'] }, own, beside, snapshot()]);
  });
});
