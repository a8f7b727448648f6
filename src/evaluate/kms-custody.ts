import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Statement } from '../model/statements.ts';
import { counted, instantText } from '../model/text.ts';
import { type FirstUse, inUseBy, notInUseText } from './attested-since.ts';
import { judged, regardless } from './define-control.ts';
import { MATERIAL_KEPT } from './imported-material.ts';
import { namesText } from './names-text.ts';

/** Who keeps the material of a KMS key, by its origin (AWS KMS Developer Guide, "Key material origin"). */
interface Custody {
  /** What must be attested; null: AWS keeps it. */
  readonly statement: Statement | null;
  readonly kept: string;
  readonly missing: string;
}

const IMPORTED = 'EXTERNAL';
const CUSTODY: Readonly<Record<string, Custody>> = {
  AWS_KMS: { statement: null, kept: 'the key material was made and is kept by AWS', missing: '' },
  [IMPORTED]: {
    statement: MATERIAL_KEPT,
    kept: 'attests that the imported key material is kept',
    missing:
      'the key material was imported, and nobody attests that it is kept outside AWS; it can be deleted there at once, without any waiting period',
  },
  AWS_CLOUDHSM: {
    statement: 'hsm-vendor-export-done',
    kept: 'attests that the keys of the CloudHSM cluster behind the key are backed up',
    missing:
      'the key material is kept in a CloudHSM cluster of the customer, and nobody attests that a backup of it is kept; if the cluster is lost without one, AWS cannot bring the key back',
  },
  EXTERNAL_KEY_STORE: {
    statement: 'hsm-vendor-export-done',
    kept: 'attests that the keys of the external key manager behind the key are exported',
    missing:
      'the key material is kept in an external key manager of the customer, and nobody attests that it is exported from there; AWS holds nothing of it',
  },
};

/** Statements that tell of key material which AWS does not keep. */
export const CUSTODY_STATEMENTS = [
  'imported-key-material-kept',
  'hsm-vendor-export-done',
] as const satisfies readonly Statement[];

/** Who keeps a key's material by its origin, where that is its customer, who must attest it; null of every other key. */
export function customersCustody({ origin }: Pick<Facts['key-state'], 'origin'>): CustomersCustody | null {
  const custody = origin === null ? undefined : CUSTODY[origin];
  return custody === undefined || custody.statement === null ? null : { ...custody, statement: custody.statement };
}

export interface CustomersCustody {
  readonly statement: Statement;
  /** What nobody attests, as a clause of its own. */
  readonly missing: string;
}

export interface KmsKeyFacts {
  readonly states: readonly Observation<'key-state'>[];
  readonly attested: readonly Observation<'declaration'>[];
  readonly rotations: readonly Observation<'key-rotation'>[];
}

/** Whether a KMS key could be had again after its loss: what AWS keeps need only not be about to go, what it does not is attested. */
export function judgeKmsCustody({ states, attested, rotations }: KmsKeyFacts, first: FirstUse): Judgement {
  const key = states[0];
  // How it is rotated is told, and decides nothing.
  const told = (judgement: Judgement) => regardless(judgement, 'rotations', 'records');
  const whateverAttested = (judgement: Judgement) => regardless(judgement, 'attested', 'rotations', 'records');
  if (key === undefined) return told(judged('unknown', 'the provider did not show the key'));
  const { state, deletionDate, origin } = key.value;
  if (state === 'missing') {
    return whateverAttested(
      key.value.isLostAlias === true
        ? judged('unknown', 'the key is named by an alias that points to no key, so nothing is known of it', [key])
        : judged('fails', 'the key does not exist in the provider', [key]),
    );
  }
  if (state === 'pending-deletion') {
    const when = deletionDate === null ? '' : ` on ${instantText(deletionDate)}`;
    return whateverAttested(judged('fails', `the key will be deleted${when}`, [key]));
  }
  if (origin === null) {
    return told(judged('unknown', 'the provider does not tell where the key material comes from', [key]));
  }
  const custody = CUSTODY[origin];
  if (custody === undefined) {
    const text = `where the key material comes from is not known to this version (${origin})`;
    return whateverAttested(judged('unknown', text, [key]));
  }
  const more = detailText(key.value, origin === IMPORTED ? rotations[0]?.value : undefined);
  if (custody.statement === null) return whateverAttested(judged('holds', `${custody.kept}${more}`, [key]));
  const statements = attested.filter(({ value }) => value.statement === custody.statement);
  const [statement] = statements;
  if (statement === undefined) return told(judged('fails', `${custody.missing}${more}`, [key]));
  // Only imported material is another one after a rotation.
  const rotated = origin === IMPORTED ? (rotations[0]?.value.rotatedAt.at(-1) ?? null) : null;
  const spoken = (judgement: Judgement) => (origin === IMPORTED ? judgement : regardless(judgement, 'rotations'));
  const inUse = statements.filter((one) => inUseBy([one], first) !== undefined);
  const counting = inUse.find((one) => rotated === null || inUseBy([one], { ...first, since: rotated }) !== undefined);
  if (counting !== undefined) {
    return spoken(judged('holds', `${counting.value.owner} ${custody.kept}${more}`, [key, counting]));
  }
  const why =
    inUse.length === 0 || rotated === null
      ? notInUseText(first)
      : `material was imported anew by a rotation on ${instantText(rotated)}`;
  const text = `${statement.value.owner} ${custody.kept}, on ${instantText(statement.value.date).slice(0, 10)}, and ${why}: whether that is said of what the key holds now is not known${more}`;
  return spoken(judged('unknown', text, [key, statement]));
}

function detailText(
  { expiresAt, replicas = null }: Facts['key-state'],
  rotation: Facts['key-rotation'] | undefined,
): string {
  const materials = rotation?.importedMaterials ?? null;
  return [
    ...(expiresAt === null ? [] : [`it expires on ${instantText(expiresAt)}`]),
    ...(materials === null || materials < 2
      ? []
      : [`it is ${counted(materials, 'material')}, each of which is needed`]),
    ...(replicas === null ? [] : [`the same material is held by ${namesText(replicas)}`]),
  ]
    .map((text) => `; ${text}`)
    .join('');
}
