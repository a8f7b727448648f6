import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { counted } from '../../model/text.ts';
import { anyOf } from '../conclude.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { survivalByKey } from '../failure-domains.ts';
import { objectionToArchitecture, objectionToNames } from '../installer-names.ts';

const INSTALL_NEEDS = { installs: need('install', 'install', 'either') } as const;
const NEEDS = {
  ...INSTALL_NEEDS,
  packages: need('installer-package', 'self', 'more-helps'),
  systems: need('host-system', 'self', 'either'),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;

type Install = Facts['install'];
type Package = Observation<'installer-package'>;

/** HOST-4: the installer of the version and profile that run is kept where the loss does not reach it. */
export const host4 = defineControl({
  id: 'HOST-4',
  title: 'The installer of the running version is kept',
  failureTitle: 'The installer of the running version is not kept',
  severity: 'medium',
  bears: 'recovery',
  subject: 'host',
  rationale:
    'A recovery must use the very version and build profile that ran before; where only newer ones can be had, it begins with an upgrade nobody planned.',
  remediation:
    'Keep the package of the running version and profile, with its checksum beside it (sha256sum PACKAGE > PACKAGE.sha256), in a location with purpose installers that lies outside the lost failure domain.',
  remediationUnknown:
    'Name the place that keeps installer packages under locations, with purpose installers and its failure domain; let dataset install tell version and profile.',
  limits: [],
  applies: [
    part({
      name: 'installed by its operator',
      needs: INSTALL_NEEDS,
      judge({ installs: [install] }: Observed<typeof INSTALL_NEEDS>) {
        if (install === undefined) return judged('unknown', 'what is installed is not known');
        if (install.value.mode === 'cloud') {
          return judged('fails', 'it runs in the cloud, where Novantra installs the product', [install]);
        }
        return judged('holds', 'its operator installs the product', [install]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'kept outside the loss',
      needs: NEEDS,
      judge({ installs: [install], packages, systems, locationDomains }: Observed<typeof NEEDS>, context) {
        if (install === undefined) return judged('unknown', 'which version runs is not known');
        const survival = survivalByKey(locationDomains, context.policy.loss);
        const system = systems[0]?.value;
        const judgedFor = (architecture: string | null) =>
          packages
            .filter(({ value }) => value.version === install.value.productVersion)
            .map((one) => judgePackage(one, install.value, survival(one.value.location), architecture));
        const judgedPackages = judgedFor(system?.architecture ?? null);
        const rebuilt = systemText(system);
        const judgement = concluded(judgedPackages, install, rebuilt, context);
        // What is the same whatever the host is needs no look at it.
        const isOpen = anyOf(judgedFor(null).map(({ truth }) => truth)) === 'unknown';
        return isOpen ? judgement : regardless(judgement, 'systems');
      },
    }),
  ],
});

interface JudgedPackage {
  readonly one: Package;
  readonly truth: Truth;
  readonly because: string;
}

function judgePackage(one: Package, install: Install, survives: Truth, architecture: string | null): JudgedPackage {
  const { bytes, checksumAgrees, formatAgrees, sha256, location, kind, damage = null } = one.value;
  const fit = fits(one.value, install);
  const said = (truth: Truth, because: string): JudgedPackage => ({ one, truth, because });
  if (fit === 'fails') return said('fails', `it is not the package of ${wantedText(install)}`);
  if (bytes === 0) return said('fails', 'it is empty');
  if (checksumAgrees === false) return said('fails', 'it does not have the checksum that lies beside it');
  if (formatAgrees === false) return said('fails', `it does not begin as a ${kind} package does`);
  if (damage !== null) return said('fails', `it is no whole ${kind} package: ${damage}`);
  const objections = [
    objectionToNames(one.value, install.profile === null ? null : profileText(install.profile)),
    objectionToArchitecture(one.value, architecture),
  ].filter((objection) => objection !== null);
  const refused = objections.find(({ truth }) => truth === 'fails');
  if (refused !== undefined) return said('fails', refused.because);
  if (survives === 'fails') return said('fails', 'it lies in the failure domain that is lost');
  if (fit === 'unknown') return said('unknown', 'which build profile runs is not known');
  if (survives === 'unknown') {
    return said('unknown', `it is not known whether location ${location} outlives the loss: state its failure domain`);
  }
  if (sha256 === null) return said('unknown', 'it was not read');
  if (objections[0] !== undefined) return said('unknown', objections[0].because);
  if (checksumAgrees === true) return said('holds', `SHA-256 ${sha256.slice(0, 12)}…, as its checksum says`);
  const { control = null, checksumOfOther } = one.value;
  const none =
    checksumOfOther === undefined
      ? 'no checksum lies beside it'
      : `the checksum that bears its name is of ${checksumOfOther}`;
  if (control === null) return said('unknown', `${none}, and nothing more than its name and first bytes was looked at`);
  const says = `${control.package} ${control.version} ${control.architecture}`;
  return said('holds', `SHA-256 ${sha256.slice(0, 12)}…; by its control file ${says}; ${none}`);
}

function profileText(profile: string): string {
  return profile.toLowerCase().replaceAll('_', '-');
}

/** Names that mean the profile which packages do not name. */
const DEFAULT_PROFILES = new Set(['default', 'standard']);

function fits({ profile, kind, path }: Facts['installer-package'], install: Install): Truth {
  const { packageKind = null } = install;
  if (packageKind !== null && KINDS.has(packageKind) && packageKind !== kind) return 'fails';
  if (install.profile === null) return 'unknown';
  const wanted = profileText(install.profile);
  if (DEFAULT_PROFILES.has(wanted)) return profile === 'default' ? 'holds' : 'fails';
  return profile === wanted || path.toLowerCase().replaceAll('_', '-').includes(wanted) ? 'holds' : 'fails';
}

const KINDS = new Set(['deb', 'msi', 'docker']);

function concluded(
  all: readonly JudgedPackage[],
  install: Observation<'install'>,
  rebuilt: string,
  { policy }: JudgeContext,
): Judgement {
  const wanted = wantedText(install.value);
  const truth = anyOf(all.map((one) => one.truth));
  const chosen = all.find((one) => one.truth === truth);
  if (chosen === undefined) {
    return judged('fails', `no package of ${wanted} is kept in a location of installers${rebuilt}`, [install]);
  }
  const { path, location } = chosen.one.value;
  const cites = [install, chosen.one];
  const name = `${path} in ${location}`;
  if (truth === 'holds')
    return judged('holds', `${name} is the package of ${wanted} (${chosen.because})${rebuilt}`, cites);
  if (truth === 'unknown')
    return judged('unknown', `${name} may be the package of ${wanted}, but ${chosen.because}`, cites);
  const more = all.length === 1 ? '' : `, as ${counted(all.length - 1, 'other')} of that version`;
  return judged('fails', `${name} does not count for the loss of ${policy.loss.name}${more}: ${chosen.because}`, cites);
}

function wantedText({ productVersion, profile, packageKind = null }: Install): string {
  const kind = packageKind === null ? '' : `, ${packageKind}`;
  return `version ${productVersion}${profile === null ? '' : `, profile ${profile}`}${kind}`;
}

/** What the new host must be alike, for whoever rebuilds it. */
function systemText(system: Facts['host-system'] | undefined): string {
  if (system === undefined || system.family === null) return '';
  const version = system.version === null ? '' : ` ${system.version}`;
  return `; a new host must be of the family ${system.family}${version} (${system.architecture})`;
}
