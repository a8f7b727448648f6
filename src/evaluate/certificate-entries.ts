import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { RebuildEntry } from '../model/report.ts';
import { instantText, spanText } from '../model/text.ts';
import { namesText } from './names-text.ts';

/** Codes by which OpenSSL and Node.js say that nobody they trust signed a certificate (openssl-verification-options(1)). */
const UNKNOWN_ISSUERS: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
/** Told apart by the certificate itself. */
const BY_ITSELF: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Until when the certificate of each address is valid, and what keeps people's clients from accepting it. */
export function certificateEntries(
  certificates: readonly Observation<'certificate'>[],
  asOf: Instant,
): readonly RebuildEntry[] {
  const newest = new Map<string, Observation<'certificate'>>();
  for (const one of certificates) {
    const known = newest.get(one.value.address);
    if (known === undefined || known.collectedAt <= one.collectedAt) newest.set(one.value.address, one);
  }
  return [...newest.values()].map(({ value, evidenceId }) => {
    const problems = problemsOf(value, hostOf(value.address), asOf);
    const place =
      value.path === null
        ? `The certificate that ${value.address} shows`
        : `The certificate of ${value.address} in ${value.path}`;
    const left = toMillis(value.validUntil) - toMillis(asOf);
    const when =
      left < 0
        ? `ran out on ${instantText(value.validUntil)}`
        : `is valid until ${instantText(value.validUntil)}, for ${spanText(left)} more`;
    const issued = value.issuer === '' ? '' : ` (issued by ${value.issuer})`;
    const rest = problems.map(({ text }) => text).filter((text) => text !== null);
    return {
      topic: 'certificate',
      sentence: [`${place} ${when}${issued}`, ...rest].join('; '),
      validUntil: value.validUntil,
      remedy: problems.length === 0 ? null : problems.map(({ remedy }) => remedy).join(' '),
      evidence: [evidenceId],
    };
  });
}

interface Problem {
  /** Null where the sentence says it anyway. */
  readonly text: string | null;
  readonly remedy: string;
}

function problemsOf(
  { validFrom, validUntil, names, refusedBecause }: Facts['certificate'],
  host: string,
  asOf: Instant,
) {
  const problems: Problem[] = [];
  if (validUntil < asOf) problems.push({ text: null, remedy: 'Renew the certificate.' });
  if (validFrom > asOf) {
    problems.push({
      text: `it is valid only from ${instantText(validFrom)}`,
      remedy: 'Compare the clocks of the host and of whoever issued the certificate.',
    });
  }
  if (!names.some((name) => isFor(name, host))) {
    const borne = names.length === 0 ? 'it bears no name' : `it is for ${namesText(names)}`;
    problems.push({
      text: `${borne}, and not for ${host}`,
      remedy: `Have a certificate issued for ${host}, or correct install.addresses.`,
    });
  }
  if (refusedBecause !== null && UNKNOWN_ISSUERS.has(refusedBecause)) {
    problems.push({
      text: `nobody whom the audit trusts signed it (${refusedBecause})`,
      remedy: 'Name the file with the authority that signed it as caFile of the address, if it is your own.',
    });
  } else if (refusedBecause !== null && !BY_ITSELF.has(refusedBecause)) {
    problems.push({
      text: `a TLS client refuses it (${refusedBecause})`,
      remedy: 'Check the chain of certificates that the server sends.',
    });
  }
  return problems;
}

/** Whether a name of a certificate is for a host: itself, or with `*` for its first label (RFC 9525, 6.3). */
export function isFor(name: string, host: string): boolean {
  const [pattern, wanted] = [name.toLowerCase(), host.toLowerCase()];
  if (pattern === wanted) return true;
  if (wanted.includes(':') && pattern.includes(':')) return groupsOf(pattern) === groupsOf(wanted);
  const rest = wanted.indexOf('.');
  const isAddress = /^[\d.]+$/.test(wanted) || wanted.includes(':');
  return !isAddress && pattern.startsWith('*.') && rest > 0 && pattern.slice(1) === wanted.slice(rest);
}

/** An IPv6 address with all of its groups, so that two ways of writing one are the same text (RFC 4291, 2.2). */
function groupsOf(address: string): string {
  const [before = '', after] = address.split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(before), groups(after ?? '')];
  const zeros = after === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return all.map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}

/** Without its port, and an IPv6 address without brackets. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
