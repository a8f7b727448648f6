import { describe, expect, it } from 'vitest';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import { s3Error } from '../../../src/collect/trees/s3-error.ts';
import { S3_READ_OPERATIONS, type S3Operation, s3ReadPolicy } from '../../../src/collect/trees/s3-operations.ts';
import { SourceError } from '../../../src/model/source-error.ts';

const WHERE = 'bucket b at https://s3.example';

function failure(name: string, httpStatusCode?: number, code?: string): Error {
  const error = new Error('AKIASECRETINTEXT');
  error.name = name;
  return Object.assign(error, { $metadata: { httpStatusCode } }, code === undefined ? {} : { code });
}

describe('an error of S3', () => {
  const cases: readonly [string, Error, string][] = [
    ['no right', failure('AccessDenied', 403), 'unauthorized'],
    ['no right, answered to HEAD', failure('UnknownError', 403), 'unauthorized'],
    ['an unknown key', failure('InvalidAccessKeyId', 403), 'unauthorized'],
    ['a wrong secret', failure('SignatureDoesNotMatch', 403), 'unauthorized'],
    ['an expired token', failure('ExpiredToken', 400), 'unauthorized'],
    ['clocks apart', failure('RequestTimeTooSkewed', 403), 'unauthorized'],
    ['no bucket', failure('NoSuchBucket', 404), 'unreachable'],
    ['no object', failure('NotFound', 404), 'unreachable'],
    ['another region', failure('PermanentRedirect', 301), 'unreachable'],
    ['no host', failure('Error', undefined, 'ENOTFOUND'), 'unreachable'],
    ['nobody listening', failure('Error', undefined, 'ECONNREFUSED'), 'unreachable'],
    ['an unknown authority', failure('Error', undefined, 'SELF_SIGNED_CERT_IN_CHAIN'), 'unreachable'],
    ['no answer', failure('TimeoutError'), 'timeout'],
    ['overload', failure('SlowDown', 503), 'unreachable'],
    ['a page of HTML', failure('SyntaxError', 404), 'malformed'],
    ['an archived object', failure('InvalidObjectState', 403), 'unsupported'],
    ['an operation it lacks', failure('NotImplemented', 501), 'unsupported'],
    ['an object replaced while it was read', failure('PreconditionFailed', 412), 'malformed'],
  ];
  for (const [what, error, reason] of cases) {
    it(`is told by its reason: ${what}`, () => {
      const told = s3Error(error, WHERE, 'GetObject');
      expect(told).toBeInstanceOf(SourceError);
      expect(told).toMatchObject({
        reason,
        message: expect.stringContaining(WHERE),
        remedy: expect.stringMatching(/\.$/),
      });
      expect(`${told.message}${told.remedy}${JSON.stringify(told.cause ?? '')}`).not.toContain('AKIASECRET');
    });
  }

  it('of a certificate says what to do about it', () => {
    expect(s3Error(failure('Error', undefined, 'SELF_SIGNED_CERT_IN_CHAIN'), WHERE, 'GetObject').remedy).toContain(
      'certificate',
    );
  });

  it.each(Object.entries(S3_READ_OPERATIONS))('of a right that %s lacks names the action', (operation, { action }) => {
    for (const denied of [failure('AccessDenied', 403), failure('UnknownError', 403), failure('403', 403)]) {
      const { remedy } = s3Error(denied, WHERE, operation as S3Operation);
      expect(remedy).toContain(`Allow ${action} on the `);
      // The policy that the command prints allows what the remedy asks for.
      expect(s3ReadPolicy('b', '', 'live')).toContain(`"${action}"`);
    }
  });

  it.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken'])(
    'of the access key itself (%s) names no action',
    (name) => {
      expect(s3Error(failure(name, 403), WHERE, 'GetObject').remedy).toMatch(/^Check access key(?!.*s3:)/);
    },
  );

  it('of a HEAD request, which tells no reason, names the access key as well', () => {
    const remedyOf = (name: string, operation: S3Operation) => s3Error(failure(name, 403), WHERE, operation).remedy;
    expect(remedyOf('UnknownError', 'HeadObject')).toContain('it may be the access key that is wrong');
    expect(remedyOf('AccessDenied', 'HeadObject')).not.toContain('it may be the access key');
    expect(remedyOf('UnknownError', 'GetObject')).not.toContain('it may be the access key');
  });

  it('is no excuse for a request that must not be made', () => {
    const defect = new ForbiddenRequestError('PutObject');
    expect(() => s3Error(defect, WHERE, 'GetObject')).toThrow(defect);
  });
});
