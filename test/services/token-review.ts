import { createSign, createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { makeServerCertificate } from './certificates.ts';
import { scratchDirectory } from './scratch.ts';

/** A service account of the stand-in for Kubernetes. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
  /** A token as Kubernetes projects it into a pod, for the audience `vault` and five minutes. */
  token(claims?: Readonly<Record<string, unknown>>): string;
  /** From now on its tokens are reviewed as not authenticated, however well they are signed. */
  remove(): void;
}

/**
 * A stand-in for the part of the Kubernetes API that Vault asks: TokenReview over HTTPS. By its documented shape
 * (Kubernetes API reference, "TokenReview v1 authentication.k8s.io"); no Kubernetes runs. Disposal stops it.
 */
export interface TokenReviewApi extends AsyncDisposable {
  readonly host: string;
  /** PEM of the authority that signed its certificate. */
  readonly authority: string;
  /** What whoever asks for a review has to bring. */
  readonly reviewerToken: string;
  /** Tokens that it was asked to review. */
  readonly reviewed: readonly string[];
  serviceAccount(namespace: string, name: string): ServiceAccount;
}

const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const reviewSchema = z.object({
  spec: z.object({ token: z.string(), audiences: z.array(z.string()).nullish() }),
});
const claimsSchema = z.object({
  sub: z.string(),
  aud: z.array(z.string()),
  exp: z.int(),
  'kubernetes.io': z.object({ serviceaccount: z.object({ uid: z.string() }) }),
});
type Claims = z.infer<typeof claimsSchema>;

export async function startTokenReviewApi(): Promise<TokenReviewApi> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(scratchDirectory('token-review'));
  const certificate = await makeServerCertificate(path);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const reviewerToken = randomUUID();
  const living = new Set<string>();
  const reviewed: string[] = [];

  function statusOf(token: string, audiences: readonly string[]) {
    const claims = verified(token, publicKey);
    const uid = claims?.['kubernetes.io'].serviceaccount.uid ?? '';
    if (claims === null || !living.has(uid)) return { authenticated: false, error: 'invalid bearer token' };
    const shared = audiences.length === 0 ? claims.aud : claims.aud.filter((one) => audiences.includes(one));
    if (shared.length === 0 || claims.exp * 1000 < Date.now())
      return { authenticated: false, error: 'token is not valid' };
    const user = { username: claims.sub, uid, groups: ['system:serviceaccounts', 'system:authenticated'] };
    return { authenticated: true, user, audiences: shared };
  }

  const server = createServer(
    { cert: await readFile(certificate.certificateFile), key: await readFile(certificate.keyFile) },
    async (request, response) => {
      const answer = (status: number, body: object) =>
        void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      const parsed = reviewSchema.safeParse(await jsonOf(request));
      if (request.headers.authorization !== `Bearer ${reviewerToken}`) {
        return answer(401, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Unauthorized', code: 401 });
      }
      if (request.method !== 'POST' || request.url !== REVIEWS || !parsed.success) {
        return answer(404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 });
      }
      const { token, audiences } = parsed.data.spec;
      reviewed.push(token);
      const kind = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1' };
      return answer(201, { ...kind, metadata: {}, spec: parsed.data.spec, status: statusOf(token, audiences ?? []) });
    },
  );
  cleanup.defer(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const owned = cleanup.move();
  return {
    host: `https://127.0.0.1:${port}`,
    authority: await readFile(certificate.caFile, 'utf8'),
    reviewerToken,
    reviewed,
    serviceAccount(namespace, name) {
      const uid = randomUUID();
      living.add(uid);
      const token = (claims: Readonly<Record<string, unknown>> = {}): string => {
        const now = Math.floor(Date.now() / 1000);
        return signed(privateKey, {
          iss: 'https://kubernetes.default.svc.cluster.local',
          sub: `system:serviceaccount:${namespace}:${name}`,
          aud: ['vault'],
          iat: now,
          nbf: now,
          exp: now + 300,
          'kubernetes.io': { namespace, serviceaccount: { name, uid } },
          ...claims,
        });
      };
      return { namespace, name, token, remove: () => void living.delete(uid) };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type KeyObject = ReturnType<typeof generateKeyPairSync>['publicKey'];

function signed(privateKey: KeyObject, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}

function verified(token: string, publicKey: KeyObject): Claims | null {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const isSigned = createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(publicKey, signature, 'base64url');
  return isSigned ? claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))) : null;
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}
