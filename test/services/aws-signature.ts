import { createHash, createHmac } from 'node:crypto';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const FORM = 'application/x-www-form-urlencoded';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * Headers that sign a form posted to the root path of a query-protocol service, such as STS.
 * Source: AWS IAM User Guide, "Create a signed AWS API request" (Signature Version 4).
 */
export function signedFormHeaders(
  host: string,
  form: string,
  scope: { readonly service: string; readonly region: string },
  { accessKeyId, secretAccessKey }: AwsCredentials,
): Readonly<Record<string, string>> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const signed = 'content-type;host;x-amz-date';
  const headers = `content-type:${FORM}\nhost:${host}\nx-amz-date:${time}\n`;
  const canonical = ['POST', '/', '', headers, signed, sha256(form)].join('\n');
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = [ALGORITHM, time, credentialScope, sha256(canonical)].join('\n');
  const key = [day, scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return {
    'content-type': FORM,
    host,
    'x-amz-date': time,
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${credentialScope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}
