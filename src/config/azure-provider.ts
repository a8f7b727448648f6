import { z } from 'zod';
import { parseAzureResourceId } from '../model/azure-resource-id.ts';
import { failureDomainSchema } from '../model/policy.ts';
import { AZURE_UNWRAP_OPERATIONS, AZURE_WRAPPINGS } from '../model/wrapping.ts';
import { path, secretReference } from './schema-parts.ts';

/** A host by its https: address, without a path. */
const httpsHost = z
  .url({ protocol: /^https$/, error: 'an address that begins with https:' })
  .refine((text) => /^https:\/\/[^/@?#]+\/?$/i.test(text), { error: 'the https: address of a host, without a path' });

const guid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
  error: 'a GUID, such as 00000000-0000-0000-0000-000000000000',
});

const WAYS = ['clientSecret', 'clientCertificate', 'federatedTokenFile'] as const;

/** One vault of Azure Key Vault, or one Managed HSM, and how the audit signs in to it: by one of three ways. */
export const azureProviderSchema = z
  .strictObject({
    kind: z.literal('azure-key-vault'),
    id: z.string().min(1),
    failureDomain: failureDomainSchema.optional(),
    /** Name of the only host that can reach it, as of every provider. */
    reachableFrom: z.string().regex(/\S/, { error: 'the name of a host' }).optional(),
    address: httpsHost,
    /** Default: by the domain of the address. */
    service: z.enum(['key-vault', 'managed-hsm']).optional(),
    tenantId: guid,
    clientId: guid,
    clientSecret: secretReference.optional(),
    /** PEM with the certificate and its private key. */
    clientCertificate: secretReference.optional(),
    /** File with the token that the platform writes for a workload (federated credentials). */
    federatedTokenFile: path.optional(),
    /** Sign-in service of another cloud than the public one. */
    authorityHost: httpsHost.default('https://login.microsoftonline.com'),
    /** Id of the vault's resource, whose settings are read, too. */
    resourceId: z
      .string()
      .refine((text) => parseAzureResourceId(text) !== null, {
        error: 'the id of the resource of a vault or Managed HSM, as az keyvault show --query id prints it',
      })
      .optional(),
    /** Azure Resource Manager of another cloud than the public one. */
    resourceManager: httpsHost.default('https://management.azure.com'),
    caFile: path.optional(),
    /** How samples were wrapped that do not tell it themselves. Looked at with --prove-keys only, as the next. */
    wrapping: z.enum(AZURE_WRAPPINGS).optional(),
    /** What samples are unwrapped by: each takes a right of its own, and only this one is asked for. */
    unwrapBy: z.enum(AZURE_UNWRAP_OPERATIONS).default('unwrapKey'),
  })
  .refine((provider) => WAYS.filter((way) => provider[way] !== undefined).length === 1, {
    error: `exactly one of ${WAYS.join(', ')}`,
    path: ['clientSecret'],
  })
  .refine(({ unwrapBy, wrapping }) => unwrapBy === 'unwrapKey' || wrapping === undefined || /^RSA-/.test(wrapping), {
    error: 'decrypt opens what was encrypted by RSA-OAEP or RSA-OAEP-256 alone',
    path: ['unwrapBy'],
  });
