import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatches, keyDestroyers } from '../../../src/collect/keys/kms-key-policy.ts';

const ACCOUNT = '111122223333';
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/KeyAdmin`;
const USER = `arn:aws:iam::${ACCOUNT}:user/jane`;
const ALL = ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy'];

type Statement = Readonly<Record<string, unknown>>;
const allow = (principal: unknown, action: unknown, more: Statement = {}): Statement => ({
  Sid: 'one',
  Effect: 'Allow',
  Principal: principal,
  Action: action,
  Resource: '*',
  ...more,
});
const deny = (principal: unknown, action: unknown, more: Statement = {}): Statement => ({
  ...allow(principal, action, more),
  Effect: 'Deny',
});

function read(...statements: readonly Statement[]) {
  return keyDestroyers(JSON.stringify({ Version: '2012-10-17', Statement: statements }), false, 'the key');
}
const names = (...statements: readonly Statement[]) => read(...statements).map(({ principal }) => principal);

describe('a key policy', () => {
  it('by default names the account as a whole', () => {
    expect(read(allow({ AWS: ROOT }, 'kms:*'))).toEqual([
      { principal: ROOT, wholeAccount: ACCOUNT, actions: ALL, conditional: false },
    ]);
    expect(read(allow({ AWS: ACCOUNT }, 'kms:*'))).toEqual(read(allow({ AWS: ROOT }, 'kms:*')));
  });

  it('that gives use alone lets nobody destroy', () => {
    expect(
      read(allow({ AWS: ADMIN }, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:CreateGrant'])),
    ).toEqual([]);
  });

  it.each([
    ['by name', 'kms:ScheduleKeyDeletion', ['ScheduleKeyDeletion']],
    ['in another case', 'KMS:schedulekeydeletion', ['ScheduleKeyDeletion']],
    ['by a pattern', 'kms:Dis*', ['DisableKey']],
    ['by a pattern of one character', 'kms:PutKeyPolic?', ['PutKeyPolicy']],
    ['of all services', '*', ALL],
    ['of a list', ['kms:Describe*', 'kms:Sched*', 'kms:D*'], ['ScheduleKeyDeletion', 'DisableKey']],
  ])('names an action %s', (_, action, actions) => {
    expect(read(allow({ AWS: ADMIN }, action))).toEqual([
      { principal: ADMIN, wholeAccount: null, actions, conditional: false },
    ]);
  });

  it('with NotAction gives whatever is not named', () => {
    const { Action: _, ...without } = allow({ AWS: ADMIN }, '');
    expect(read({ ...without, NotAction: 'kms:Decrypt' })[0]?.actions).toEqual(ALL);
    expect(read({ ...without, NotAction: ['kms:Schedule*', 'kms:Disable*'] })[0]?.actions).toEqual(['PutKeyPolicy']);
    expect(read({ ...without, NotAction: 'kms:*' })).toEqual([]);
  });

  it('with NotPrincipal lets in everybody else, which is everybody as far as anyone can tell', () => {
    const { Principal: _, ...without } = allow('', 'kms:*');
    expect(names({ ...without, NotPrincipal: { AWS: USER } })).toEqual(['*']);
  });

  it('names everybody, services and people', () => {
    expect(names(allow('*', 'kms:*'))).toEqual(['*']);
    expect(names(allow({ AWS: '*' }, 'kms:*'))).toEqual(['*']);
    expect(names(allow({ AWS: [ADMIN, USER], Service: 'rds.amazonaws.com' }, 'kms:*'))).toEqual([
      ADMIN,
      USER,
      'service:rds.amazonaws.com',
    ]);
  });

  it('counts what is allowed under a condition, and says so', () => {
    const condition = { Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT } } };
    expect(read(allow({ AWS: ADMIN }, 'kms:*', condition))[0]?.conditional).toBe(true);
    expect(read(allow({ AWS: ADMIN }, 'kms:*', { Condition: {} }))[0]?.conditional).toBe(false);
    const both = read(allow({ AWS: ADMIN }, 'kms:*', condition), allow({ AWS: ADMIN }, 'kms:DisableKey'));
    expect(both).toEqual([{ principal: ADMIN, wholeAccount: null, actions: ALL, conditional: false }]);
  });

  it('counts what is said of this key, and nothing of another one, or of none', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    const about = (Resource: unknown, effect = allow) =>
      keyDestroyers(
        JSON.stringify({
          Statement:
            effect === allow
              ? [allow({ AWS: ADMIN }, 'kms:*', { Resource })]
              : [allow({ AWS: ADMIN }, 'kms:*'), effect('*', 'kms:*', { Resource })],
        }),
        false,
        key,
      ).length;
    for (const own of [
      '*',
      key,
      [`${key}0`, key],
      'arn:aws:kms:*:111122223333:key/*',
      `arn:aws:kms:*:*:key/${'$'}{aws:x}`,
    ]) {
      expect(about(own)).toBe(1);
    }
    for (const other of [`${key}0`, 'arn:aws:kms:eu-central-1:111122223333:key/other', [], undefined]) {
      expect(about(other)).toBe(0);
      expect(about(other, deny)).toBe(1);
    }
    expect(about(key, deny)).toBe(0);
    expect(about(`arn:aws:kms:*:*:key/${'$'}{aws:x}`, deny)).toBe(1);
    const notOther = { ...allow({ AWS: ADMIN }, 'kms:*', { Resource: undefined }), NotResource: 'other' };
    expect(keyDestroyers(JSON.stringify({ Statement: notOther }), false, key)).toHaveLength(1);
  });

  it('of imported material tells who may delete that alone', () => {
    const text = JSON.stringify({ Statement: allow({ AWS: ADMIN }, 'kms:DeleteImportedKeyMaterial') });
    expect(keyDestroyers(text, true, 'the key')[0]?.actions).toEqual(['DeleteImportedKeyMaterial']);
    expect(keyDestroyers(text, false, 'the key')).toEqual([]);
  });
});

describe('a Deny', () => {
  it('of everybody takes the right from all', () => {
    const some = [allow({ AWS: [ROOT, ADMIN] }, 'kms:*'), deny('*', ['kms:ScheduleKeyDeletion', 'kms:Disable*'])];
    expect(read(...some).map(({ actions }) => actions)).toEqual([['PutKeyPolicy'], ['PutKeyPolicy']]);
    expect(read(...some, deny({ AWS: '*' }, 'kms:PutKeyPolicy'))).toEqual([]);
  });

  it('of one takes it from that one', () => {
    expect(names(allow({ AWS: [ADMIN, USER] }, 'kms:*'), deny({ AWS: USER }, 'kms:*'))).toEqual([ADMIN]);
  });

  it.each([
    ['under a condition', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }],
    ['of another resource', { Resource: 'arn:aws:kms:eu-central-1:111122223333:key/other' }],
  ])('%s does not protect', (_, more) => {
    expect(names(allow({ AWS: ADMIN }, 'kms:*'), deny('*', 'kms:*', more))).toEqual([ADMIN]);
  });

  it('of an account says nothing certain of the users whom its policies let in', () => {
    expect(names(allow({ AWS: ROOT }, 'kms:*'), deny({ AWS: ROOT }, 'kms:*'))).toEqual([ROOT]);
    expect(names(allow({ AWS: ADMIN }, 'kms:*'), deny({ AWS: ROOT }, 'kms:*'))).toEqual([ADMIN]);
  });

  it('of one does not narrow everybody', () => {
    expect(names(allow('*', 'kms:*'), deny({ AWS: ADMIN }, 'kms:*'))).toEqual(['*']);
  });

  it('of everybody but some, or under a condition, leaves open who everybody is that is let in', () => {
    const all = allow('*', 'kms:*');
    expect(read(all)[0]?.conditional).toBe(false);
    expect(read(all, deny({ AWS: ADMIN }, 'kms:*'))[0]?.conditional).toBe(false);
    const { Principal: _, ...but } = deny('', 'kms:*');
    expect(read(all, { ...but, NotPrincipal: { AWS: ADMIN } })[0]?.conditional).toBe(true);
    const outside = { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } };
    expect(read(all, deny('*', 'kms:*', outside))[0]?.conditional).toBe(true);
    expect(read(all, deny('*', 'kms:PutKeyPolicy', outside))[0]?.conditional).toBe(false);
  });

  it('of everybody but some spares those, and whom an account lets in', () => {
    const { Principal: _, ...without } = deny('', 'kms:*');
    const all = allow({ AWS: [ROOT, ADMIN, USER] }, 'kms:*');
    expect(names(all, { ...without, NotPrincipal: { AWS: [ADMIN, ROOT] } })).toEqual([ADMIN, ROOT].sort());
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/KeyAdmin/session`;
    expect(names(all, { ...without, NotPrincipal: { AWS: session } })).toEqual([ADMIN, ROOT].sort());
    expect(names(all, { ...without, NotPrincipal: { AWS: '*' } })).toEqual([ADMIN, ROOT, USER].sort());
  });
});

describe('what is no key policy', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['no statements', '{"Version":"2012-10-17"}'],
    ['nobody named', JSON.stringify({ Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' } })],
    ['another effect', JSON.stringify({ Statement: { ...allow('*', 'kms:*'), Effect: 'Maybe' } })],
    ['no action', JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Resource: '*' } })],
  ])('%s is malformed, and not quoted', (_, text) => {
    expect(() => keyDestroyers(text, false, 'KEY')).toThrow(
      expect.objectContaining({ reason: 'malformed', message: 'the key policy of KEY cannot be read as one' }),
    );
  });
});

const principal = fc.constantFrom<unknown>(
  '*',
  { AWS: ROOT },
  { AWS: ADMIN },
  { AWS: [USER, ADMIN] },
  { AWS: ACCOUNT },
);
const action = fc.constantFrom<unknown>(
  'kms:*',
  '*',
  'kms:Disable*',
  ['kms:PutKeyPolicy'],
  'kms:Decrypt',
  'kms:Sched*',
);
const condition = fc.constantFrom<Statement>({}, { Condition: { Bool: { 'aws:SecureTransport': 'true' } } });
const statement = fc
  .tuple(fc.boolean(), principal, action, condition, fc.boolean(), fc.boolean())
  .map(([allows, who, what, more, notPrincipal, notAction]): Statement => {
    const { Principal, Action, ...rest } = (allows ? allow : deny)(who, what, more);
    return {
      ...rest,
      ...(notPrincipal && who !== '*' ? { NotPrincipal: Principal } : { Principal }),
      ...(notAction ? { NotAction: Action } : { Action }),
    };
  });
const statements = fc.array(statement, { maxLength: 6 });
/** Every right to destroy, one by one. */
const rights = (list: readonly Statement[]) =>
  new Set(read(...list).flatMap((one) => one.actions.map((right) => `${one.principal} ${right}`)));

describe('of any policy', () => {
  it('one more Allow never takes a right, and one more Deny never gives one', () => {
    fc.assert(
      fc.property(statements, statement, (list, one) => {
        const before = rights(list);
        const after = rights([...list, one]);
        if (one['Effect'] === 'Allow') expect([...before].every((right) => after.has(right))).toBe(true);
        else expect([...after].every((right) => before.has(right))).toBe(true);
      }),
    );
  });

  it('the order of statements changes nothing', () => {
    fc.assert(
      fc.property(statements, (list) => {
        expect(read(...[...list].reverse())).toEqual(read(...list));
      }),
    );
  });

  it('a Deny under a condition takes no right', () => {
    fc.assert(
      fc.property(statements, principal, action, (list, who, what) => {
        const narrow = deny(who, what, { Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
        expect(rights([...list, narrow])).toEqual(rights(list));
      }),
    );
  });
});

describe('a pattern of actions', () => {
  it('matches as a regular expression of the same meaning', () => {
    const text = fc.stringMatching(/^[ab]{0,8}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,6}$/), text, (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(globMatches(pattern, value)).toBe(expression.test(value));
      }),
    );
  });

  it('of many stars takes no time', () => {
    expect(globMatches(`${'*a'.repeat(5000)}b`, 'kms:schedulekeydeletion')).toBe(false);
  });
});
