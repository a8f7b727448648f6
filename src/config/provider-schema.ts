import { z } from 'zod';
import { failureDomainSchema } from '../model/policy.ts';
import { PKCS11_WRAPPINGS } from '../model/wrapping.ts';
import { azureProviderSchema } from './azure-provider.ts';
import { keyHolderSchema, name, path, secretReference, serviceAddress } from './schema-parts.ts';

/** How a token of an HSM is reached, and which one is meant: by label, by serial number, or by both. */
const tokenAccess = {
  /** The vendor's PKCS#11 module. */
  module: path,
  tokenLabel: z.string().min(1).max(32).optional(),
  tokenSerial: z.string().min(1).max(16).optional(),
  /** Of the user of the token, never of the security officer. */
  pin: secretReference,
  /** What the module finds its own configuration by. It sees nothing else of the environment, and no secret of the audit. */
  environment: z
    .record(
      z.string().regex(/^(?!NODE_)[A-Za-z_][A-Za-z0-9_]*$/, {
        error: 'the name of an environment variable, other than those of Node.js',
      }),
      z.string(),
    )
    .default({}),
};
const peerSchema = z.strictObject({ ...tokenAccess, failureDomain: failureDomainSchema.optional() });
export type Pkcs11AccessConfig = Readonly<z.infer<typeof peerSchema>>;

const providerCommon = {
  id: z.string().min(1),
  failureDomain: failureDomainSchema.optional(),
  /** Name of the only host that can reach it: it is then asked there by a plan, and its answers joined with scan --with. */
  reachableFrom: z.string().regex(/\S/, { error: 'the name of a host' }).optional(),
};

/** How to log in to Vault, in place of a token. What the login is made with is referred to. */
const vaultLoginSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('approle'),
    mount: z.string().min(1).default('approle'),
    roleId: secretReference,
    /** Not needed where the role binds addresses in its place. */
    secretId: secretReference.optional(),
  }),
  z.strictObject({
    method: z.literal('jwt'),
    mount: z.string().min(1).default('jwt'),
    role: z.string().min(1).optional(),
    jwt: secretReference,
  }),
  z.strictObject({
    method: z.literal('kubernetes'),
    mount: z.string().min(1).default('kubernetes'),
    role: z.string().min(1),
    jwt: secretReference.default('file:/var/run/secrets/kubernetes.io/serviceaccount/token'),
  }),
]);
export type VaultLoginConfig = Readonly<z.infer<typeof vaultLoginSchema>>;

export const providerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('vault-transit'),
    ...providerCommon,
    address: serviceAddress(/^https?$/),
    namespace: z.string().optional(),
    /** Path of the transit secrets engine. */
    mount: z.string().min(1).default('transit'),
    /** One of token and login. */
    token: secretReference.optional(),
    login: vaultLoginSchema.optional(),
    /** Addresses of other nodes of the same cluster: a standby may send a request on to these, with its token. */
    nodes: z.array(serviceAddress(/^https?$/)).default([]),
    caFile: path.optional(),
    /** Names of locations that hold snapshots of this Vault. */
    snapshots: z.array(name).default([]),
    /** Names of schedules of automated snapshots (Vault Enterprise) whose status is asked for. */
    automatedSnapshots: z
      .array(
        z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, { error: 'the name of a schedule of automated snapshots' }),
      )
      .default([]),
    /** Of a Vault that unseals itself: the key it does so with, and the provider that holds it. Vault tells neither. */
    seal: keyHolderSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('aws-kms'),
    ...providerCommon,
    region: z.string().min(1),
    endpoint: serviceAddress().optional(),
    /** The same of AWS STS, which tells the account of the credentials. */
    stsEndpoint: serviceAddress().optional(),
    /** Of these endpoints. */
    caFile: path.optional(),
    accessKeyId: secretReference,
    secretAccessKey: secretReference,
    sessionToken: secretReference.optional(),
  }),
  z.strictObject({
    kind: z.literal('pkcs11'),
    ...providerCommon,
    ...tokenAccess,
    /** How samples were wrapped that do not tell it themselves. Looked at with --prove-keys only. */
    wrapping: z.enum(PKCS11_WRAPPINGS).optional(),
    /** A token that is said to hold the same keys, such as the second HSM of a pair. It is asked, too. */
    peer: peerSchema.optional(),
  }),
  azureProviderSchema,
]);
export type ProviderConfig = Readonly<z.infer<typeof providerSchema>>;
