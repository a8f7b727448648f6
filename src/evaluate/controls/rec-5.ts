import type { Judgement, Observed } from '../../model/control.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { installDatabases, ownDatabases } from '../recovery-databases.ts';
import { fileSources, unlessEmpty } from '../recovery-files.ts';
import { CUSTODY, INSTALL_DATABASE, ORGANIZATION, OWN_DATABASE, OWN_FILES } from '../recovery-needs.ts';
import { judgeSelfDependence } from '../self-dependence.ts';
import { wantedDatabases, wantedFiles, wantedProviders } from '../wanted-back.ts';

/* A copy may be one more way back, or the first one seen, which then waits for its key: so it can move both ways. */
const INSTALL_NEEDS = {
  ...CUSTODY,
  ...INSTALL_DATABASE,
  installCopies: need('copy', 'install-database', 'either'),
  installRecreations: { ...INSTALL_DATABASE.installRecreations, polarity: 'either' },
  installKeyrings: need('keyring', 'install', 'either'),
} as const;
const ORGANIZATION_NEEDS = {
  ...INSTALL_NEEDS,
  ...OWN_DATABASE,
  ...OWN_FILES,
  copies: need('copy', 'organization-databases', 'either'),
  recreations: { ...OWN_DATABASE.recreations, polarity: 'either' },
  fileCopies: need('file-copy', 'organization-stores', 'either'),
  keyrings: need('keyring', 'owner', 'either'),
  organizations: ORGANIZATION,
} as const;

/** REC-5: nothing that recovery takes is held by something that only recovery brings back. */
export const rec5 = defineControl({
  id: 'REC-5',
  title: 'Recovery does not depend on itself',
  failureTitle: 'Recovery depends on itself',
  severity: 'high',
  bears: 'recovery',
  subject: ['organization', 'install'],
  rationale:
    'A snapshot that opens only with a key inside it, or a passphrase kept in the system that it restores, is a safe whose key lies inside: every copy is there and none can be opened.',
  remediation:
    'Keep one link of it outside what it restores: a copy of the snapshots that no key of that provider encrypts, the passphrase with people or in a store that outlives the loss, or shares in place of a key of another server that is lost with it. Then state where in the configuration: providers[].seal, locations[].encryptedBy, locations[].passphraseKeptIn.',
  remediationUnknown:
    'State in the configuration who holds the key or the passphrase: providers[].seal, locations[].encryptedBy, locations[].passphraseKeptIn; and where things stand: failureDomain. Then run: recoverage scan.',
  limits: [],
  combine: 'all',
  parts: [
    part({
      name: 'no loop',
      onlyFor: 'organization',
      needs: ORGANIZATION_NEEDS,
      judge(observed: Observed<typeof ORGANIZATION_NEEDS>, context): Judgement {
        // A stray copy tells of no database: what is needed is told by what is there.
        const isKnown = observed.states.length > 0 && observed.installStates.length > 0;
        const keyrings = [...observed.keyrings, ...observed.installKeyrings];
        if (!isKnown || keyrings.length === 0) return UNKNOWN;
        const own = ownDatabases(observed, context);
        const install = installDatabases(observed, observed.organizations[0]?.value, context);
        const judgement = judgeSelfDependence(
          observed,
          [
            ...wantedProviders(keyrings),
            ...wantedDatabases(install, 'install database', observed, context),
            ...wantedDatabases(own, 'database', observed, context),
            ...wantedFiles(fileSources(observed, context), observed, context),
          ],
          context,
          { copies: ['copies', 'recreations', 'installCopies', 'installRecreations', 'fileCopies'] },
        );
        return unlessEmpty(judgement, observed);
      },
    }),
    part({
      name: 'no loop of the install',
      onlyFor: 'install',
      needs: INSTALL_NEEDS,
      judge(observed: Observed<typeof INSTALL_NEEDS>, context): Judgement {
        if (observed.installKeyrings.length === 0 || observed.installStates.length === 0) return UNKNOWN;
        const install = installDatabases(observed, undefined, context);
        return judgeSelfDependence(
          observed,
          [
            ...wantedProviders(observed.installKeyrings),
            ...wantedDatabases(install, 'install database', observed, context),
          ],
          context,
          { copies: ['installCopies', 'installRecreations'] },
        );
      },
    }),
  ],
});

const UNKNOWN = judged('unknown', 'it is not known which keys and databases are needed');
