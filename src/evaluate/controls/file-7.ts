import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { judgeRegion, REGION_NEEDS } from '../allowed-regions.ts';
import { ownBindings } from '../bucket-store.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { BINDINGS, S3 } from '../store-needs.ts';

const STATEMENT: Statement = 'encryption-at-rest';
const ATTESTED = { leastGrade: 'declared', statements: [STATEMENT] } as const;

const ENCRYPTION_NEEDS = {
  bindings: BINDINGS,
  encryption: need('store-encryption', 'self', 'either'),
  attested: need('declaration', 'self', 'more-helps', ATTESTED),
  ofHost: need('declaration', 'host', 'more-helps', ATTESTED),
} as const;
const ACCESS_NEEDS = {
  bindings: BINDINGS,
  block: need('store-access-block', 'self', 'either'),
  policy: need('store-policy', 'self', 'either'),
  acl: need('store-acl', 'self', 'either'),
} as const;

/**
 * FILE-7: the store encrypts what is written to it, nobody gets at it without being let in, and it is where it may be. The disks of a directory
 * nobody sees, so that their owner attests them; a directory is not reached over a network by itself.
 */
export const file7 = defineControl({
  id: 'FILE-7',
  title: 'The file store is encrypted, private, and where it may be',
  failureTitle: 'The file store is not encrypted, open to everybody, or where it may not be',
  severity: 'high',
  bears: 'audit',
  subject: 'store',
  rationale:
    'Files hold what people uploaded in confidence. A bucket that everybody may read is found by strangers within days, and an unencrypted disk leaves the house when it is replaced. In which region they may lie is agreed with each organization.',
  remediation:
    'Bucket: aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration \'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}\', and aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true; where the service has no such block, take the statement for everybody out of its policy. A bucket in a region that the organization does not allow (allowed_regions): move its objects to one in an allowed region. Directory: keep it on an encrypted disk.',
  remediationUnknown:
    'Let the audit read encryption, policy and access list of the bucket: recoverage permissions. Where it is not known in which region the bucket lies, state it as the organizations call it: stores.s3, failureDomain: { region: NAME }. Of a directory, let the owner of its disks attest encryption-at-rest in attestations.yaml, for store:BINDING, or for host:NAME where all disks of the install host are encrypted.',
  limits: [],
  combine: 'all',
  parts: [
    part({ name: 'encrypted at rest', needs: ENCRYPTION_NEEDS, judge: judgeEncryption }),
    part({ name: 'closed to the public', needs: ACCESS_NEEDS, judge: judgeAccess }),
    part({ name: 'in an allowed region', needs: REGION_NEEDS, judge: judgeRegion }),
  ],
});

function judgeEncryption(observed: Observed<typeof ENCRYPTION_NEEDS>, context: JudgeContext): Judgement {
  const { encryption, attested, ofHost } = observed;
  const [statement] = attested;
  if (statement !== undefined) {
    const text = `attestation ${statement.value.id} declares its disks to be encrypted`;
    return regardless(judged('holds', text, [statement]), 'bindings', 'encryption', 'ofHost');
  }
  const [binding] = ownBindings(observed.bindings, context);
  if (binding === undefined) return judged('unknown', 'no storage binding tells what kind of store it is');
  if (binding.value.kind !== S3) return judgeDisks(ofHost);
  const [found] = encryption;
  if (found === undefined) {
    return regardless(judged('unknown', 'the bucket does not tell whether it encrypts what is written'), 'ofHost');
  }
  const { byDefault, algorithm, key } = found.value;
  if (byDefault === 'yes') {
    const how = `${algorithm ?? 'not told how'}${key == null ? '' : `, key ${key}`}`;
    return regardless(judged('holds', `the bucket encrypts by default (${how})`, [found]), 'ofHost');
  }
  if (byDefault === 'no') {
    return regardless(judged('fails', 'the bucket has no default encryption', [found]), 'ofHost');
  }
  return regardless(judged('unknown', 'whether what lies there is encrypted is not told', [found]), 'ofHost');
}

function judgeDisks(ofHost: readonly Observation<'declaration'>[]): Judgement {
  const [statement] = ofHost;
  if (statement !== undefined) {
    const text = `attestation ${statement.value.id} declares the disks of the install host to be encrypted`;
    return regardless(judged('holds', text, [statement]), 'encryption');
  }
  const text = 'nobody sees the disks of a directory, and no attestation says that they are encrypted';
  return regardless(judged('unknown', text), 'encryption');
}

function judgeAccess(observed: Observed<typeof ACCESS_NEEDS>, context: JudgeContext): Judgement {
  const [binding] = ownBindings(observed.bindings, context);
  if (binding === undefined) return judged('unknown', 'no storage binding tells what kind of store it is');
  if (binding.value.kind !== S3) {
    const text = 'a directory is not open to the public by itself';
    return regardless(judged('holds', text, [binding]), 'block', 'policy', 'acl');
  }
  const [block] = observed.block;
  if (block?.value.ignorePublicAcls === true && block.value.restrictPublicBuckets) {
    const text = 'public access is blocked, whatever policy and access lists say';
    return regardless(judged('holds', text, [block]), 'policy', 'acl');
  }
  const policy = byPolicy(observed.policy[0]);
  const acl = byAcl(observed.acl[0]);
  const open = [
    ...(policy.is === 'public' && block?.value.restrictPublicBuckets !== true ? [{ ...policy, other: 'acl' }] : []),
    ...(acl.is === 'public' && block?.value.ignorePublicAcls !== true ? [{ ...acl, other: 'policy' }] : []),
  ];
  const [worst] = open;
  if (worst !== undefined) {
    const text = open.map(({ because }) => because).join('; ');
    return regardless(
      judged(
        'fails',
        text,
        open.flatMap(({ cites }) => cites),
      ),
      worst.other,
    );
  }
  const isPolicyClosed = policy.is === 'private' || block?.value.restrictPublicBuckets === true;
  const isAclClosed = acl.is === 'private' || block?.value.ignorePublicAcls === true;
  if (!isPolicyClosed) return judged('unknown', policy.because, policy.cites);
  if (!isAclClosed) return judged('unknown', acl.because, acl.cites);
  const isCertain = policy.is === 'private' && acl.is === 'private';
  const text = `${policy.is === 'private' ? policy.because : 'a public policy would be restricted'}; ${acl.is === 'private' ? acl.because : 'public access lists are ignored'}`;
  const holds = judged('holds', text, [...policy.cites, ...acl.cites]);
  return isCertain ? regardless(holds, 'block') : holds;
}

interface Access {
  readonly is: 'public' | 'private' | 'unknown';
  readonly because: string;
  readonly cites: readonly Observation[];
}

function byPolicy(policy: Observation<'store-policy'> | undefined): Access {
  if (policy === undefined) return { is: 'unknown', because: 'its policy could not be read', cites: [] };
  const { calledPublic, callIsReliable, lets, detail } = policy.value;
  const cites = [policy];
  if (lets === 'everybody') return { is: 'public', because: `its policy lets everybody in (${detail})`, cites };
  if (lets === 'nobody' && calledPublic !== true) {
    return { is: 'private', because: 'its policy lets nobody in without a name', cites };
  }
  if (lets === 'nobody') {
    return { is: 'unknown', because: 'its policy lets nobody in, and the service calls the bucket public', cites };
  }
  if (calledPublic === true) return { is: 'public', because: 'the service calls the bucket public', cites };
  if (calledPublic === false && callIsReliable) {
    return { is: 'private', because: 'the service does not call the bucket public', cites };
  }
  const because =
    lets === 'not-read'
      ? 'the service does not call the bucket public, which it may say of public ones, too; its policy could not be read'
      : `its policy lets everybody in on conditions (${detail}), which were not weighed`;
  return { is: 'unknown', because, cites };
}

function byAcl(acl: Observation<'store-acl'> | undefined): Access {
  if (acl === undefined) return { is: 'unknown', because: 'its access list could not be read', cites: [] };
  const { everybody } = acl.value;
  if (everybody.length > 0) {
    return { is: 'public', because: `its access list gives everybody ${everybody.join(', ')}`, cites: [acl] };
  }
  return {
    is: 'private',
    because: 'its access list gives everybody nothing; those of single objects were not read',
    cites: [acl],
  };
}
