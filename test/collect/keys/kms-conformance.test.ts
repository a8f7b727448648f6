import {
  type KmsKeyPresent,
  readKmsAccount,
  readKmsAliases,
  readKmsDestroyers,
  readKmsKey,
  readKmsRotation,
} from '../../../src/collect/keys/aws-kms.ts';
import { createKmsClient, type KmsClient } from '../../../src/collect/keys/kms-client.ts';
import { readKmsGrants } from '../../../src/collect/keys/kms-grants.ts';
import { KMS_READ_OPERATIONS } from '../../../src/collect/keys/kms-operations.ts';
import { Secret } from '../../../src/model/secret.ts';
import { asksForCaller, refuseCaller } from '../../services/caller-identity.ts';
import { type SourceTarget, sourceConformance } from '../conformance/source-conformance.ts';

function asking<T>(read: (client: KmsClient) => Promise<T>) {
  return async ({ address, secret, timeoutMillis }: SourceTarget): Promise<T> => {
    const client = createKmsClient({
      region: 'eu-central-1',
      endpoint: address,
      stsEndpoint: address,
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

const KEY: KmsKeyPresent = {
  state: 'Enabled',
  keyId: 'acme',
  arn: 'arn:aws:kms:eu-central-1:111122223333:key/acme',
  account: '111122223333',
  region: 'eu-central-1',
  createdAt: null,
  deletionDate: null,
  origin: 'AWS_KMS',
  expirationModel: null,
  validTo: null,
  keyManager: 'CUSTOMER',
  multiRegion: false,
  usage: 'ENCRYPT_DECRYPT',
  spec: null,
  replicas: [],
};

sourceConformance('AWS KMS', {
  reads: {
    readKmsAccount: asking(readKmsAccount),
    readKmsKey: asking((client) => readKmsKey(client, 'alias/acme')),
    readKmsDestroyers: asking((client) => readKmsDestroyers(client, KEY, null)),
    readKmsRotation: asking((client) => readKmsRotation(client, KEY)),
    readKmsGrants: asking((client) => readKmsGrants(client, 'acme')),
    readKmsAliases: asking(readKmsAliases),
    callerAccount: asking((client) => client.callerAccount()),
  },
  refuse(request, response) {
    if (asksForCaller(request)) return refuseCaller(response);
    response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.1' }).end(
      JSON.stringify({
        __type: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      }),
    );
  },
  isAllowed: ({ method, headers, body }) =>
    method === 'POST' &&
    (asksForCaller({ body }) ||
      Object.keys(KMS_READ_OPERATIONS).some((name) => headers['x-amz-target'] === `TrentService.${name}`)),
});
