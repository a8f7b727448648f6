import type { JudgeContext, Judgement, Needs, Observed, Truth } from '../../model/control.ts';
import { allOf, anyOf } from '../conclude.ts';
import { asFarAsKeysOpen, judgeCopiesOpen, judgeDatabaseCopiesOpen } from '../copies-open.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { exceptOtherWays } from '../other-ways.ts';
import { type DatabaseSource, installDatabases, judgeDatabases, ownDatabases } from '../recovery-databases.ts';
import { fileSources, judgeFilesBack, unlessLive } from '../recovery-files.ts';
import { installKeyFacts, ownKeyFacts, type Reasoned } from '../recovery-key-facts.ts';
import {
  CUSTODY,
  INSTALL_DATABASE,
  INSTALL_KEYS,
  ORGANIZATION,
  OWN_DATABASE,
  OWN_FILES,
  OWN_KEYS,
} from '../recovery-needs.ts';
import { providersBack } from '../recovery-providers.ts';
import {
  COPY_NEED_NAMES,
  KEYED_NEEDS,
  type OpenableSource,
  openableInstall,
  openableOwn,
} from '../recovery-sources.ts';
import { judgeProvidersOpen } from '../self-dependence.ts';
import { wantedDatabases, wantedFiles } from '../wanted-back.ts';

/** Whatever tells which copies the keys open decides which of them is named, and nothing else. */
const TENANT_NEEDS = {
  ...KEYED_NEEDS,
  rows: need('tenant-database', 'organization', 'more-helps'),
  ...OWN_DATABASE,
} as const;
const INSTALL_NEEDS = { ...KEYED_NEEDS, ...INSTALL_DATABASE, organizations: ORGANIZATION } as const;
const NAMING_TENANT = Object.keys(KEYED_NEEDS).filter((name) => !(name in OWN_DATABASE));
const NAMING_INSTALL = Object.keys(KEYED_NEEDS).filter(
  (name) => !(name in INSTALL_DATABASE) && name !== 'organizations',
);
/** Who holds what opens the providers. */
const OPENING_NEEDS = {
  ...CUSTODY,
  keyrings: OWN_KEYS.keyrings,
  installKeyrings: INSTALL_KEYS.installKeyrings,
} as const;
/**
 * Who holds what opens the places in which copies lie. Whatever else is seen of copies and keys may be one more way back, or
 * have the first copy wait for what opens it.
 */
const COPIES_OPEN_NEEDS = { ...CUSTODY, ...movingBothWays(KEYED_NEEDS) } as const;
/** Those of which one more takes no way away. */
const WAYS_BACK = [
  ...COPY_NEED_NAMES,
  ...Object.entries(KEYED_NEEDS).flatMap(([name, { polarity }]) => (polarity === 'more-helps' ? [name] : [])),
];
const FILE_COPIES_OPEN_NEEDS = {
  ...CUSTODY,
  ...OWN_FILES,
  fileCopies: { ...OWN_FILES.fileCopies, polarity: 'either' },
} as const;
const PROVIDER_NEEDS = { ...OWN_KEYS, ...INSTALL_KEYS } as const;
const OF_SINGLE_KEYS = ['keyPeers', 'installKeyPeers', 'material', 'installMaterial'] as const;

/**
 * REC-1: after the loss, everything an organization needs would be there: a copy of its database, an install database
 * that knows it, keys that open both, and its files. For the install itself: its database and its keys.
 */
export const rec1 = defineControl({
  id: 'REC-1',
  title: 'It would come back',
  failureTitle: 'It would not come back',
  severity: 'critical',
  bears: 'recovery',
  subject: ['organization', 'install'],
  rationale: 'A fresh backup whose key is gone restores nothing: only all parts together bring an organization back.',
  remediation:
    'Repair the first broken link of the recovery chain; the findings of that plane say how. Then take a new copy and run: recoverage scan.',
  remediationUnknown:
    'Find out what could not be seen: the findings of that plane and the blind spots on the first page say what to let the audit read. Then run: recoverage scan.',
  limits: ['clockToleranceMinutes'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'key provider',
      needs: PROVIDER_NEEDS,
      judge(observed: Observed<typeof PROVIDER_NEEDS>, context) {
        const judgement = both([
          providersBack(ownKeyFacts(observed, context), context),
          providersBack(installKeyFacts(observed), context),
        ]);
        // What becomes of single keys is the versions' part to say.
        return regardless(exceptOtherWays(judgement, observed), ...OF_SINGLE_KEYS);
      },
    }),
    part({
      name: 'what opens the key provider',
      needs: OPENING_NEEDS,
      judge(observed: Observed<typeof OPENING_NEEDS>, context) {
        return judgeProvidersOpen(observed, [...observed.keyrings, ...observed.installKeyrings], context);
      },
    }),
    part({
      name: 'key versions',
      needs: KEYED_NEEDS,
      judge(observed: Observed<typeof KEYED_NEEDS>, context) {
        const own = openableOwn(observed, context);
        const install = context.subject.organizationId === null ? own : openableInstall(observed, context);
        // Where no database is known at all, neither is which keys would be needed.
        const isKnown = own.length > 0 && install.length > 0;
        const truth = isKnown ? keysTruth([...own, ...install]) : 'unknown';
        if (truth === 'holds') {
          const opening = (databases: typeof own) =>
            databases.flatMap((sources) => sources.find((one) => one.truth === 'holds')?.keys ?? []);
          // Both have a version 1, each of its own key.
          const texts = [
            ...opening(own).map(({ because }) => (install === own ? because : `for its database: ${because}`)),
            ...opening(install).map(({ because }) =>
              install === own ? because : `for the install database: ${because}`,
            ),
          ];
          const keys = [...opening(own), ...opening(install)];
          const holds = judged(
            'holds',
            [...new Set(texts)].slice(0, 3).join('; '),
            keys.flatMap((one) => one.cites),
          );
          return exceptOtherWays(regardless(holds, ...COPY_NEED_NAMES), observed);
        }
        return exceptOtherWays(keyObstacle([...own, ...install], truth), observed);
      },
    }),
    part({
      name: 'install database',
      needs: INSTALL_NEEDS,
      judge(observed: Observed<typeof INSTALL_NEEDS>, context) {
        const organization = context.subject.organizationId === null ? undefined : observed.organizations[0]?.value;
        const databases = installDatabases(observed, organization, context);
        const of = context.subject.organizationId === null ? 'it' : 'the install database';
        const judgement = judgeDatabases(databases, context, openedBy(openableInstall(observed, context)), of);
        return regardless(judgement, ...NAMING_INSTALL);
      },
    }),
    part({
      name: 'what opens the copies of the install database',
      needs: COPIES_OPEN_NEEDS,
      judge(observed: Observed<typeof COPIES_OPEN_NEEDS>, context) {
        const isOfInstall = context.subject.organizationId === null;
        const databases = isOfInstall
          ? asFarAsKeysOpen(ownDatabases(observed, context), openableOwn(observed, context))
          : asFarAsKeysOpen(
              installDatabases(observed, observed.organizations[0]?.value, context),
              openableInstall(observed, context),
            );
        const wanted = wantedDatabases(databases, 'install database', observed, context);
        return judgeDatabaseCopiesOpen(observed, wanted, context, WAYS_BACK);
      },
    }),
    part({
      name: 'tenant database',
      onlyFor: 'organization',
      needs: TENANT_NEEDS,
      judge(observed: Observed<typeof TENANT_NEEDS>, context) {
        if (observed.rows.length === 0) {
          return regardless(judged('fails', 'it has no tenant database'), ...Object.keys(KEYED_NEEDS));
        }
        const own = openedBy(openableOwn(observed, context));
        return regardless(judgeDatabases(ownDatabases(observed, context), context, own), ...NAMING_TENANT);
      },
    }),
    part({
      name: 'what opens the copies of the tenant database',
      onlyFor: 'organization',
      needs: COPIES_OPEN_NEEDS,
      judge(observed: Observed<typeof COPIES_OPEN_NEEDS>, context) {
        const databases = asFarAsKeysOpen(ownDatabases(observed, context), openableOwn(observed, context));
        const wanted = wantedDatabases(databases, 'database', observed, context);
        return judgeDatabaseCopiesOpen(observed, wanted, context, WAYS_BACK);
      },
    }),
    part({
      name: 'files',
      onlyFor: 'organization',
      needs: OWN_FILES,
      judge(observed: Observed<typeof OWN_FILES>, context) {
        return judgeFilesBack(observed, context);
      },
    }),
    part({
      name: 'what opens the copies of the files',
      onlyFor: 'organization',
      needs: FILE_COPIES_OPEN_NEEDS,
      judge(observed: Observed<typeof FILE_COPIES_OPEN_NEEDS>, context) {
        const wanted = wantedFiles(copiesOfFiles(observed, context), observed, context);
        return unlessLive(judgeCopiesOpen(observed, wanted, context, ['fileCopies']), observed, context);
      },
    }),
  ],
});

function movingBothWays<const N extends Needs>(needs: N): N {
  const entries = Object.entries(needs).map(([name, one]) => [name, { ...one, polarity: 'either' }]);
  return Object.fromEntries(entries) as N;
}

/** Ways to have files back; what opens a store that outlives the loss itself is the files' own part to say. */
function copiesOfFiles(observed: Observed<typeof OWN_FILES>, context: JudgeContext): ReturnType<typeof fileSources> {
  return new Map(
    [...fileSources(observed, context)].map(([id, sources]) => [
      id,
      sources.map((source) => (source.location === null ? { ...source, keys: [] } : source)),
    ]),
  );
}

/** Which sources the keys open. */
function openedBy(databases: readonly (readonly OpenableSource[])[]): (source: DatabaseSource) => boolean {
  const opened = new Set(databases.flat().flatMap(({ source, truth }) => (truth === 'holds' ? [source] : [])));
  return (source) => opened.has(source);
}

function both(parts: readonly Reasoned[]): Judgement {
  const truth = allOf(parts.map((one) => one.truth));
  const deciding = parts.filter((one) => one.truth === truth);
  return judged(
    truth,
    [...new Set(deciding.map((one) => one.because))].join('; '),
    deciding.flatMap((one) => one.cites),
  );
}

/**
 * Whether the keys open some copy of each database, among the copies that may be there. Where none is, that is the
 * databases' part to say, and which keys are needed is not known.
 */
function keysTruth(databases: readonly (readonly OpenableSource[])[]): Truth {
  return allOf(
    databases.map((sources) => {
      const there = sources.filter((one) => one.source.truth !== 'fails');
      return there.length === 0 ? 'unknown' : anyOf(there.map((one) => one.truth));
    }),
  );
}

/** Why no copy could be opened. */
function keyObstacle(databases: readonly (readonly OpenableSource[])[], truth: Truth): Judgement {
  const there = databases.flatMap((sources) => sources.filter((one) => one.source.truth !== 'fails'));
  const decisive = there.find((one) => one.keys.truth === truth) ?? there.find((one) => one.keys.truth !== 'holds');
  if (decisive !== undefined) return judged(truth, decisive.keys.because, decisive.keys.cites);
  return judged(truth, 'it is not known which copy would be restored, so neither which keys it needs');
}
