import { expect, it } from 'vitest';
import { isKmsKeyArn, sameKmsKey } from '../../src/model/kms-key-reference.ts';

const arn = (id: string, account = '111122223333', region = 'eu-central-1') =>
  `arn:aws:kms:${region}:${account}:key/${id}`;

it('is the ARN of a key, and not of an alias', () => {
  expect(isKmsKeyArn(arn('1'))).toBe(true);
  expect(isKmsKeyArn('arn:aws:kms:eu-central-1:111122223333:alias/seal')).toBe(false);
  expect(isKmsKeyArn('1')).toBe(false);
});

it.each([
  [arn('1'), 'holds'],
  ['1', 'holds'],
  [arn('2'), 'fails'],
  ['2', 'fails'],
  [arn('1', '999999999999'), 'fails'],
  [arn('1', '111122223333', 'eu-west-1'), 'fails'],
  ['alias/seal', 'unknown'],
  ['arn:aws:kms:eu-central-1:111122223333:alias/seal', 'unknown'],
])('a key and %s', (reference, same) => {
  expect(sameKmsKey(arn('1'), reference)).toBe(same);
});

it('a multi-Region key is one key in all of them, within its account', () => {
  expect(sameKmsKey(arn('mrk-1'), arn('mrk-1', '111122223333', 'eu-west-1'))).toBe('holds');
  expect(sameKmsKey(arn('mrk-1'), arn('mrk-1', '999999999999'))).toBe('fails');
});
