import { describe, expect, it } from 'vitest';
import { selectionSchema } from '../../../../../src/collect/backups/physical/aws/backup-answers.ts';
import { isSelected } from '../../../../../src/collect/backups/physical/aws/backup-selection.ts';

const arn = 'arn:aws:rds:eu-central-1:111122223333:db:acme';
const tags = [
  { key: 'backup', value: 'daily' },
  { key: 'stage', value: 'production' },
];
const answer = (selection: object, resource = { arn, tags } as Parameters<typeof isSelected>[1]) =>
  isSelected(selectionSchema.parse({ BackupSelection: selection }).BackupSelection, resource);
const pair = (key: string, value: string) => ({
  ConditionType: 'STRINGEQUALS',
  ConditionKey: key,
  ConditionValue: value,
});

describe('what a plan of AWS Backup selects', () => {
  it.each([
    ['its ARN', { Resources: [arn] }, 'yes'],
    ['all', { Resources: ['*'] }, 'yes'],
    ['a pattern', { Resources: ['arn:aws:rds:*:*:db:*'] }, 'yes'],
    ['another pattern', { Resources: ['arn:aws:rds:*:*:cluster:*'] }, 'no'],
    ['all but it', { Resources: ['*'], NotResources: [arn] }, 'no'],
    ['nothing', {}, 'no'],
    ['one of its tags', { ListOfTags: [pair('x', 'y'), pair('backup', 'daily')] }, 'yes'],
    ['a tag as a condition key', { ListOfTags: [pair('aws:ResourceTag/backup', 'daily')] }, 'yes'],
    ['tags it has not', { ListOfTags: [pair('backup', 'weekly')] }, 'no'],
    ['ARN and tags that differ', { Resources: [arn], ListOfTags: [pair('backup', 'weekly')] }, 'unknown'],
    [
      'all that meets its conditions',
      { Resources: ['*'], Conditions: { StringEquals: [pair('aws:ResourceTag/stage', 'production')] } },
      'yes',
    ],
    [
      'all that meets other conditions',
      { Resources: ['*'], Conditions: { StringNotEquals: [pair('aws:ResourceTag/stage', 'production')] } },
      'no',
    ],
    ['a pattern of a tag', { Resources: ['*'], Conditions: { StringLike: [pair('stage', 'prod*')] } }, 'yes'],
    ['all but a pattern of a tag', { Resources: ['*'], Conditions: { StringNotLike: [pair('stage', 'prod*')] } }, 'no'],
  ])('%s', (_, selection, expected) => {
    expect(answer(selection)).toBe(expected);
  });

  it('does not know what tags select where none were read', () => {
    expect(answer({ ListOfTags: [pair('backup', 'daily')] }, { arn, tags: null })).toBe('unknown');
    expect(answer({ Resources: [arn] }, { arn, tags: null })).toBe('yes');
  });
});
