import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { compareNames, contradictionOf } from '../model/failure-domain.ts';
import { LIMIT_DEFAULTS, type LimitName, type Loss, type Policy } from '../model/policy.ts';
import type { ReportHead } from '../model/report.ts';
import { STATEMENT_TEXTS, statementSchema } from '../model/statements.ts';
import type { Subject } from '../model/subject.ts';
import { counted } from '../model/text.ts';
import { subjectLabel } from './wording/subjects.ts';

type DomainFact = Facts['failure-domain'];
type Notices = ReportHead['notices'];
type Declared = ReportHead['declared'];

const LISTS: Partial<Record<Subject['kind'], string>> = {
  location: 'locations',
  provider: 'providers',
  cluster: 'servers (or install.database)',
};

/** What an operator should know though it is no finding: domains not stated or contradicted, and an empty inventory. */
export function noticesOf(evidence: readonly AnyEvidence[], policy: Policy): Notices {
  const { loss } = policy;
  const bySubject = new Map<string, { subject: Subject; records: AnyEvidence[] }>();
  for (const record of evidence) {
    if (record.kind !== 'failure-domain') continue;
    const key = `${record.subject.kind}:${record.subject.key}`;
    const known = bySubject.get(key) ?? { subject: record.subject, records: [] };
    known.records.push(record);
    bySubject.set(key, known);
  }
  const notices: Notices = [...limitNotices(policy), ...lossNotices(evidence, loss)];
  for (const { subject, records } of bySubject.values()) {
    const list = LISTS[subject.kind];
    if (list === undefined) continue;
    const facts = records.flatMap((record) => (record.kind === 'failure-domain' ? record.items : []));
    const stated = facts.find((fact) => fact.origin === 'stated');
    const observed = facts.find((fact) => fact.origin === 'observed');
    if (stated === undefined && observed === undefined) {
      // Of what could not be asked after, its own blind spot says why.
      if (records.every(({ blindSpot }) => blindSpot !== null)) continue;
      notices.push({
        text: `${subjectLabel(subject)} states no failure domain, so it is not known whether it outlives the loss`,
        remedy: `Add to its entry under ${list}: failureDomain: { host: NAME } (or account, region, site).`,
      });
    } else if (
      stated !== undefined &&
      observed !== undefined &&
      isElsewhere(loss.level, stated, observed) &&
      // What nothing settles has a notice of its own.
      contradictionOf(facts) === null
    ) {
      const attached = stated.attachedAs == null ? '' : `, attached as ${stated.attachedAs}`;
      notices.push({
        text: `${subjectLabel(subject)} is stated to be on ${loss.level} ${stated[loss.level] ?? 'none'}${attached}, and was observed on ${observed[loss.level]}; the statement was used`,
        remedy: `Check failureDomain of its entry under ${list}.`,
      });
    }
  }
  notices.push(...sharedFileNotices(evidence));
  const inventory = evidence.filter((record) => record.kind === 'backup-plan' && record.source !== 'configuration');
  if (inventory.length > 0 && inventory.every((record) => record.items.length === 0 && record.blindSpot === null)) {
    notices.push({
      text: 'The product’s backup-plan inventory is empty; schedules are judged by what the configuration declares',
      remedy: 'Declare the plans of the tools in use under plans in the configuration.',
    });
  }
  for (const { dataset, rows } of evidence.flatMap(unlistedRows)) {
    notices.push({
      text: `${counted(rows, 'row')} of dataset ${dataset} ${rows === 1 ? 'names an organization that is' : 'name organizations that are'} not listed, and ${rows === 1 ? 'counts' : 'count'} ${dataset === RESTORE_TESTS ? FOR_THE_INSTALL : 'for nobody'}`,
      remedy: 'Compare the statement of dataset organizations in the mapping with the table: it may leave some out.',
    });
  }
  for (const file of evidence.flatMap((record) => (record.kind === 'host-file' ? record.items : []))) {
    if ((file.setupSecrets ?? 0) === 0) continue;
    notices.push({
      text: `In ${file.path} ${counted(file.setupSecrets ?? 0, 'file looks', 'files look')} like secrets of a setup that is not finished`,
      remedy: 'Finish the setup or end it, so that they are removed; nobody read them.',
    });
  }
  for (const record of evidence) {
    if (record.kind !== 'declaration' || record.source !== 'attestations.yaml, subject not found') continue;
    notices.push({
      text: `${record.operation} is about ${record.subject.name}, which the install does not have, so it counts for nothing`,
      remedy: 'Write its subject in attestations.yaml as reports print it, such as provider:vault-main.',
    });
  }
  return notices;
}

/** Each pair once. */
function sharedFileNotices(evidence: readonly AnyEvidence[]): Notices {
  const pairs = evidence.flatMap((record) =>
    record.kind === 'failure-domain'
      ? record.items.flatMap(({ sameFilesAs }) =>
          sameFilesAs === undefined ? [] : [[record.subject.key, sameFilesAs].sort().join(' and ')],
        )
      : [],
  );
  return [...new Set(pairs)].sort().map((pair) => ({
    text: `Locations ${pair} hold the same files under two names (hard links); what lies in both counts as one copy`,
    remedy: 'Copy the files to a file system of their own, on storage that does not share the loss.',
  }));
}

function isElsewhere(level: Loss['level'], stated: DomainFact, observed: DomainFact): boolean {
  const [one, other] = [stated[level], observed[level]];
  return other !== null && (one === null || compareNames(level, one, other) !== 'same');
}

/** RST-2 asks whether any tenant was restored lately, be it one that was deleted since. */
const RESTORE_TESTS = 'restore_validations';
const FOR_THE_INSTALL = 'for no organization, only in the tests of restoring some tenant (RST-2, RST-3)';

function unlistedRows(record: AnyEvidence) {
  return record.kind === 'organization-list' ? record.items.flatMap((item) => item.rowsUnlisted ?? []) : [];
}

/** Limits that the policy sets differently: whoever reads a verdict must see what it was measured by. */
function limitNotices(policy: Policy): Notices {
  const general = Object.entries(policy.limits)
    .filter(([name, value]) => value !== undefined && value !== LIMIT_DEFAULTS[name as LimitName])
    .map(([name, value]) => ({
      text: `The policy sets ${name} to ${value}; the default is ${LIMIT_DEFAULTS[name as LimitName]}`,
      remedy: 'Check that whoever owns the recovery objective agreed to it (policy.limits).',
    }));
  const kinds = Object.entries(policy.kindLimits ?? {}).flatMap(([kind, limits]) =>
    Object.entries(limits ?? {}).map(([name, value]) => ({
      text: `The policy sets ${name} of ${kind} to ${value}; the default is ${LIMIT_DEFAULTS[name as LimitName]}`,
      remedy: 'Check that whoever owns the recovery objective agreed to it (policy.kindLimits).',
    })),
  );
  return [...general, ...kinds];
}

/** A loss that nothing is in is no loss. */
function lossNotices(evidence: readonly AnyEvidence[], loss: Loss): Notices {
  const names = evidence.flatMap((record) =>
    record.kind === 'failure-domain' ? record.items.map((fact) => fact[loss.level]?.toLowerCase()) : [],
  );
  const isCollected = evidence.some((record) => record.kind === 'failure-domain' && record.subject.kind === 'host');
  if (!isCollected || names.includes(loss.name.toLowerCase())) return [];
  return [
    {
      text: `Nothing stands on ${loss.level} ${loss.name}, whose loss was judged`,
      remedy: 'Check loss in the configuration, and the failure domains of servers and locations.',
    },
  ];
}

/** What rests on somebody's word. Listed once; it lowers no grade where it is context. */
export function declaredOf(evidence: readonly AnyEvidence[]): Declared {
  return evidence.flatMap((record): Declared => {
    const subject = subjectLabel(record.subject);
    const context = { kind: 'context' as const, subject, owner: null, date: null, expires: null };
    if (record.kind === 'failure-domain') {
      return record.items
        .filter((fact) => fact.origin === 'stated')
        .map((fact) => ({
          ...context,
          statement: [
            ...(['host', 'site', 'account', 'region'] as const)
              .filter((level) => fact[level] !== null)
              .map((level) => `${level} ${fact[level]}`),
            ...(fact.attachedAs == null ? [] : [`attached as ${fact.attachedAs}`]),
          ].join(', '),
        }));
    }
    if (record.kind === 'location') {
      return record.items.map((fact) => ({
        ...context,
        statement: `holds ${fact.purposes.join(', ')}${fact.timezone === null ? '' : `, times in ${fact.timezone}`}`,
      }));
    }
    if (record.kind === 'backup-plan' && record.grade === 'declared') {
      return record.items.map((fact) => ({
        ...context,
        statement: `plan ${fact.planId}: ${fact.method}, ${fact.schedule ?? 'no schedule'}`,
      }));
    }
    if (record.kind !== 'declaration') return [];
    return record.items.map((fact) => ({
      kind: 'attestation' as const,
      subject,
      statement: statementText(fact.statement),
      owner: fact.owner,
      date: fact.date.slice(0, 10),
      expires: fact.expires.slice(0, 10),
    }));
  });
}

/** A statement in plain words; one of a newer version's list stays as it is. */
function statementText(statement: string): string {
  const known = statementSchema.safeParse(statement);
  return known.success ? STATEMENT_TEXTS[known.data] : statement;
}
