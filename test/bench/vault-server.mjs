import { createServer } from 'node:http';

/*
 * A server of the shape of Vault that knows transit keys only: every key exists and has one version (Vault HTTP API
 * documentation 1.21, "Transit", "Read key"). Prints its port. Argument: the mount.
 */
const prefix = `/v1/${process.argv[2]}/keys/`;
const server = createServer((request, response) => {
  const url = request.url ?? '';
  if (!url.startsWith(prefix) || request.headers['x-vault-token'] === undefined) {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"errors":["permission denied"]}');
    return;
  }
  const body = JSON.stringify({
    request_id: '00000000-0000-4000-8000-000000000000',
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data: {
      allow_plaintext_backup: false,
      auto_rotate_period: 0,
      deletion_allowed: false,
      derived: false,
      exportable: false,
      imported_key: false,
      keys: { 1: 1_700_000_000 },
      latest_version: 1,
      min_available_version: 0,
      min_decryption_version: 1,
      min_encryption_version: 0,
      name: url.slice(prefix.length),
      supports_decryption: true,
      supports_derivation: true,
      supports_encryption: true,
      supports_signing: false,
      type: 'aes256-gcm96',
    },
    wrap_info: null,
    warnings: null,
    auth: null,
    mount_type: 'transit',
  });
  response
    .writeHead(200, {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : ''}\n`);
});
