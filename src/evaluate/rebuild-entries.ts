import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { byTime, type Instant, toMillis } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import type { RebuildEntry } from '../model/report.ts';
import { instantText, spanText } from '../model/text.ts';
import { certificateEntries } from './certificate-entries.ts';
import type { FactView } from './fact-view.ts';
import { licenseFileEntries } from './license-file-entries.ts';
import { namesText } from './names-text.ts';
import { nodesOf, type PartView } from './scope.ts';

/**
 * What whoever rebuilds the install must know besides its data, as far as it was seen: product and version, the kind of
 * host, the license and its file, addresses and their certificates. Facts for the runbook; no verdict rests on them.
 *
 * @param view the install part
 */
export function rebuildEntries(view: PartView, policy: Policy, asOf: Instant): readonly RebuildEntry[] {
  const [install] = nodesOf(view, 'install');
  if (install === undefined) return [];
  const { facts } = view;
  const of = <K extends keyof Facts>(kind: K) => facts.seen(kind, install.subject).observations;
  return [
    ...of('install').map(productEntry),
    ...systemsOf(view, facts),
    ...of('license')
      .toSorted(byValidity)
      .map((license) => licenseEntry(license, asOf)),
    ...licenseFileEntries(view, install.subject, policy, asOf),
    ...of('address').map(addressEntry),
    ...certificateEntries(of('certificate'), asOf),
  ];
}

function productEntry({ value, evidenceId }: Observation<'install'>): RebuildEntry {
  const { productVersion, profile, packageKind = null } = value;
  const details = [profile === null ? '' : `profile ${profile}`, packageKind === null ? '' : `package ${packageKind}`];
  const text = [`version ${productVersion}`, ...details.filter((detail) => detail !== '')].join(', ');
  return entry('product', `The install runs ${text}, and a recovery must use the same`, evidenceId);
}

function systemsOf(view: PartView, facts: FactView): readonly RebuildEntry[] {
  return nodesOf(view, 'host').flatMap(({ subject }) =>
    facts.seen('host-system', subject).observations.map(({ value, evidenceId }) => {
      const { family, version, platform, architecture } = value;
      const system = [family ?? platform, version].filter((word) => word !== null).join(' ');
      return entry('host', `Host ${subject.name} runs ${system} (${architecture})`, evidenceId);
    }),
  );
}

function byValidity(a: Observation<'license'>, b: Observation<'license'>): number {
  return byTime(b.value.validUntil, a.value.validUntil);
}

/** That it runs out is INV-6's business, so nothing is asked for here. */
function licenseEntry({ value, evidenceId }: Observation<'license'>, asOf: Instant): RebuildEntry {
  const { validUntil } = value;
  const left = toMillis(validUntil) - toMillis(asOf);
  const when =
    left < 0
      ? `ran out on ${instantText(validUntil)}`
      : `is valid until ${instantText(validUntil)}, for ${spanText(left)} more`;
  return entry('license', `The license in the install database ${when}`, evidenceId, validUntil);
}

function addressEntry({ value, evidenceId }: Observation<'address'>): RebuildEntry {
  const { url, host, resolvesTo } = value;
  if (resolvesTo.length > 0) {
    return entry(
      'address',
      `${url} resolves to ${namesText(resolvesTo)}, which a new host must take over or replace`,
      evidenceId,
    );
  }
  return {
    ...entry('address', `${url} leads nowhere: the name service of whoever collected knows no ${host}`, evidenceId),
    remedy: 'Mend its spelling under install.addresses, or let the audit ask the name service that people use.',
  };
}

function entry(
  topic: RebuildEntry['topic'],
  sentence: string,
  evidenceId: string,
  validUntil: Instant | null = null,
): RebuildEntry {
  return { topic, sentence, validUntil, remedy: null, evidence: [evidenceId] };
}
