import { readKmsAccount, readKmsKey } from '../../../src/collect/keys/aws-kms.ts';
import { createKmsClient, KMS_READ_OPERATIONS, type KmsClient } from '../../../src/collect/keys/kms-client.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type SourceTarget, sourceConformance } from '../conformance/source-conformance.ts';

function asking<T>(read: (client: KmsClient) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    const client = createKmsClient({
      region: 'eu-central-1',
      endpoint: address,
      accessKeyId: new Secret(`AKIA${secret}`),
      secretAccessKey: new Secret(secret),
      sessionToken: new Secret(`session-${secret}`),
      timeoutMillis,
    });
    try {
      return await read(client);
    } finally {
      client.close();
    }
  };
}

sourceConformance('AWS KMS', {
  reads: {
    readKmsAccount: asking(readKmsAccount),
    readKmsKey: asking((client) => readKmsKey(client, 'alias/acme')),
  },
  refuse: (_request, response) =>
    void response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.1' }).end(
      JSON.stringify({
        __type: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      }),
    ),
  isAllowed: ({ method, headers }) =>
    method === 'POST' &&
    Object.keys(KMS_READ_OPERATIONS).some((name) => headers['x-amz-target'] === `TrentService.${name}`),
});
