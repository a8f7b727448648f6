import { createS3Client, type S3ReadClient } from '../../../src/collect/trees/s3-client.ts';
import { Secret } from '../../../src/model/secret.ts';

/** A client as the audit makes it, with access key, secret key and perhaps a session token. */
export function readClient(endpoint: string, keys: readonly string[] = ['test', 'testtest']): S3ReadClient {
  const [accessKeyId = '', secretAccessKey = '', sessionToken] = keys;
  return createS3Client({
    endpoint,
    region: 'us-east-1',
    accessKeyId: new Secret(accessKeyId),
    secretAccessKey: new Secret(secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
    forcePathStyle: true,
    timeoutMillis: 5000,
  });
}
