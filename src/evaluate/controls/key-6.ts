import type { JudgeContext, Judgement, Observed, Truth } from '../../model/control.ts';
import { joinedWith, judgeAutomated } from '../automated-snapshots.ts';
import { defineControl, judged, part } from '../define-control.ts';
import { OWN_SNAPSHOTS } from '../key-needs.ts';
import { type JudgedSnapshot, judgeSnapshots, possibleNewest, snapshotText, standsApart } from '../key-snapshots.ts';
import { vaultOnly } from '../vault-only.ts';

/** KEY-6: the newest snapshot that would outlive the loss is whole and of this Vault. */
export const key6 = defineControl({
  id: 'KEY-6',
  title: 'The newest snapshot of the key provider is good',
  failureTitle: 'The newest snapshot of the key provider is not good',
  severity: 'critical',
  bears: 'recovery',
  subject: 'provider',
  rationale:
    'A snapshot that fails while it is taken can look like a success: the file is there, cut short. Only opening it tells.',
  remediation:
    'Take another while Vault and what unseals it are up, and check what it says: vault operator raft snapshot save FILE; of a Vault that stores in Consul: consul snapshot save FILE; of one that stores in files: stop it and copy its directory with the times of its files. Keep it outside the lost failure domain and away from Vault. Delete files that no Vault could restore. Of automated snapshots that fail, vault read sys/storage/raft/snapshot-auto/status/NAME tells why.',
  remediationUnknown:
    'Find out whether the snapshot is good before deleting anything: check it (vault operator raft snapshot inspect FILE, consul snapshot inspect FILE), and state the failure domain of its location in the configuration; keep snapshots of a clone (a restore test, staging) out of it; of copied files, state whether Vault was stopped meanwhile (locations[].vaultFiles). Take another in any case: vault operator raft snapshot save FILE.',
  limits: ['snapshotMaxAgeDays'],
  applies: vaultOnly,
  combine: 'all',
  parts: [
    part({
      name: 'the newest is good',
      needs: OWN_SNAPSHOTS,
      judge(observed: Observed<typeof OWN_SNAPSHOTS>, context) {
        const [provider] = observed.providers;
        const automated = provider === undefined ? null : judgeAutomated(provider, context);
        return joinedWith(judgeNewest(observed, context), automated);
      },
    }),
  ],
});

function judgeNewest(observed: Observed<typeof OWN_SNAPSHOTS>, context: JudgeContext): Judgement {
  const all = judgeSnapshots(observed, context.policy.loss, context.asOf);
  const standing = all.filter((one) => !one.fromTheFuture && standsApart(one) !== 'fails');
  if (standing.length === 0) return judgeNone(all);
  const possible = possibleNewest(standing);
  const goods = new Set<Truth>(possible.map((one) => one?.good ?? 'fails'));
  const [only] = goods;
  const truth: Truth = goods.size === 1 && only !== undefined ? only : 'unknown';
  return describe(truth, possible, standing);
}

function describe(
  truth: Truth,
  possible: readonly (JudgedSnapshot | null)[],
  standing: readonly JudgedSnapshot[],
): Judgement {
  const newest = possible[0] ?? standing[0];
  if (newest === undefined) return judged('fails', 'no snapshot of it was found');
  const name = `the newest snapshot is ${snapshotText(newest)}`;
  const cites = [newest.observation];
  if (truth === 'holds') {
    const origin = 'who made the file cannot be proven without the seal';
    return judged('holds', `${name}: ${newest.goodBecause}; ${origin}`, cites);
  }
  if (truth === 'fails') {
    const older = standing.find((one) => one.good === 'holds');
    const serves = older === undefined ? '' : `; the older ${snapshotText(older)} is good`;
    return judged('fails', `${name}: ${newest.goodBecause}${serves}`, cites);
  }
  if (possible.includes(null) || standsApart(newest) === 'unknown') {
    const where = newest.observation.value.location;
    const fix = `state the failure domains of the provider and of location ${where} in the configuration`;
    return judged('unknown', `${name}, and it is not known whether it outlives the loss: ${fix}`, cites);
  }
  const undated = possible.find((one) => one !== null && one.observation.value.takenAt === null);
  if (newest.good !== 'unknown' && undated !== undefined && undated !== null) {
    const text = `${snapshotText(undated)} tells no time and may be newer: ${undated.goodBecause}`;
    return judged('unknown', text, [...cites, undated.observation]);
  }
  return judged('unknown', `${name}: ${newest.goodBecause}`, cites);
}

function judgeNone(all: readonly JudgedSnapshot[]): Judgement {
  const first = all[0];
  if (first === undefined) return judged('fails', 'no snapshot of it was found in any configured location');
  const why = first.fromTheFuture
    ? 'is dated in the future'
    : first.survives === 'fails'
      ? 'lies in the failure domain that is lost'
      : 'lies in the failure domain of the provider itself';
  return judged('fails', `no snapshot counts: ${snapshotText(first)} ${why}`, [first.observation]);
}
