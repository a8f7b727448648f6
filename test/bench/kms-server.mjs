import { createServer } from 'node:http';

/*
 * A server of the shape of AWS KMS with a quota of requests a second, all operations together; what is above it is
 * refused as AWS does (AWS KMS API Reference, "Common Errors": ThrottlingException). GET tells what was taken and what
 * was refused. Prints its port. Arguments: requests a second, how many may come at once.
 */
const perSecond = Number(process.argv[2]);
const burst = Number(process.argv[3]);
const account = '111122223333';
const region = 'eu-central-1';
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
});
const arn = (id) => `arn:aws:kms:${region}:${account}:key/${id}`;
const answers = {
  ListKeys: () => ({ Keys: [{ KeyId: '1', KeyArn: arn('1') }], Truncated: false }),
  ListGrants: () => ({ Grants: [], Truncated: false }),
  ListAliases: () => ({ Aliases: [], Truncated: false }),
  DescribeKey: ({ KeyId }) => {
    const id = KeyId.slice(KeyId.lastIndexOf('/') + 1);
    return {
      KeyMetadata: {
        AWSAccountId: account,
        Arn: arn(id),
        KeyId: id,
        CreationDate: 1_700_000_000,
        Enabled: true,
        KeyManager: 'CUSTOMER',
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        MultiRegion: false,
        Origin: 'AWS_KMS',
      },
    };
  },
  GetKeyPolicy: () => ({ Policy: policy, PolicyName: 'default' }),
  GetKeyRotationStatus: () => ({ KeyRotationEnabled: true, RotationPeriodInDays: 365 }),
  ListKeyRotations: () => ({ Rotations: [], Truncated: false }),
};
let tokens = burst;
let filledAt = performance.now();
const counts = { taken: 0, refused: 0 };
function isWithinQuota() {
  const now = performance.now();
  tokens = Math.min(burst, tokens + ((now - filledAt) * perSecond) / 1000);
  filledAt = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const send = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    if (request.method === 'GET') return send(200, counts);
    // AWS STS has a quota of its own.
    const asked = Buffer.concat(chunks).toString('utf8');
    if (asked.includes('Action=GetCallerIdentity')) {
      const result = `<GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult>`;
      return response
        .writeHead(200, { 'content-type': 'text/xml' })
        .end(`<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`);
    }
    if (!isWithinQuota()) {
      counts.refused += 1;
      return send(400, { __type: 'ThrottlingException', message: 'Rate exceeded' });
    }
    counts.taken += 1;
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    const answer = answers[operation];
    if (answer === undefined) return send(400, { __type: 'UnknownOperationException' });
    return send(200, answer(JSON.parse(asked)));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : ''}\n`);
});
