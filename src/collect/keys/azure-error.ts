import { SourceError } from '../../model/source-error.ts';
import { AZURE_REQUESTS, type AzureReadRequest, type AzureRequestName, type AzureService } from './azure-requests.ts';

/** An answer of the service that is not the one asked for: thrown through the SDK, so that nothing of it is parsed there. */
export class AzureRefusal extends Error {
  readonly status: number;
  /** e.g. `Forbidden`, `KeyNotFound`; null where the answer is none of the service's. */
  readonly code: string | null;
  /** What the service adds, e.g. `KeyDisabled`, `ForbiddenByFirewall`. */
  readonly inner: string | null;

  constructor(status: number, code: string | null, inner: string | null) {
    super(`status ${status}`);
    this.name = 'AzureRefusal';
    this.status = status;
    this.code = code;
    this.inner = inner;
  }
}

/** Whether the service itself says that there is no such key or version. */
export function isAzureNotFound(error: unknown): boolean {
  return error instanceof AzureRefusal && error.status === 404 && error.code === 'KeyNotFound';
}

/** Whether the service shows nothing of a key because it is switched off, which is a state and no missing right. */
export function isAzureDisabled(error: unknown): boolean {
  return error instanceof AzureRefusal && error.status === 403 && error.inner === 'KeyDisabled';
}

/** Whether the service says that the key itself may not be used so, which is a state of the key and no missing right. */
export function isAzureOperationForbidden(error: unknown): boolean {
  return error instanceof AzureRefusal && error.status === 403 && error.inner === 'KeyOperationForbidden';
}

/**
 * Whether the service says that a value is none that it could open. It has no other word for a sample of another key
 * ("Error occurred while decoding OAEP padding").
 */
export function isAzureBadParameter(error: unknown): boolean {
  return error instanceof AzureRefusal && error.status === 400 && error.code === 'BadParameter';
}

/** A question that was put to a vault. */
export interface AzureQuestion {
  readonly name: AzureRequestName;
  /** The key or vault asked about, safe to print. */
  readonly subject: string;
  readonly where: string;
  readonly service: AzureService;
}

/** What a refusal means. */
export function azureError(question: AzureQuestion, { status, code, inner }: AzureRefusal): SourceError {
  const what = `${question.where}, ${question.subject}`;
  const named = inner ?? code;
  const shown = named === null ? '' : ` (${named})`;
  if (status === 401) {
    return new SourceError(
      'unauthorized',
      `${what}: the token is not accepted${shown}`,
      'Check tenantId and clientId, that the vault belongs to this tenant, and the clock of this host.',
    );
  }
  if (status === 403 && (inner === 'ForbiddenByFirewall' || inner === 'ForbiddenByConnection')) {
    // Of the vault as a whole, so that it is told once and not of each key.
    return new SourceError(
      'unauthorized',
      `${question.where}: the network rules of the vault refuse this host${shown}`,
      'Let the firewall of the vault admit this host, or ask through its private endpoint.',
    );
  }
  if (status === 403) {
    return new SourceError('unauthorized', `${what}: access denied${shown}`, ifDenied(question));
  }
  if (status === 429) {
    return new SourceError(
      'unreachable',
      `${what}: too many requests`,
      'Run the audit at another time: the vault, or its subscription, is asked more than it answers.',
    );
  }
  if (status >= 500) {
    return new SourceError(
      'unreachable',
      `${what}: answered with status ${status}${shown}`,
      'See the state of the service, and run the audit again.',
    );
  }
  return new SourceError(
    'malformed',
    `${what}: the answer is not one of this service (status ${status}${named === null ? '' : `, ${named}`})`,
    'Check the address of the vault, and what a proxy on the way does.',
  );
}

function ifDenied({ name, service }: AzureQuestion): string {
  const { accessPolicy, vaultAction, hsmAction, resourceAction }: AzureReadRequest = AZURE_REQUESTS[name];
  if (resourceAction !== undefined) return `Allow ${resourceAction} in a role of Azure RBAC on the resource.`;
  if (service === 'managed-hsm') return `Allow ${hsmAction} in a role of the Managed HSM's local RBAC.`;
  return `Allow ${vaultAction} in a role on the vault, or the key permission ${accessPolicy} in its access policy.`;
}

/** An answer that cannot be what the service says. */
export function azureMalformed(where: string, subject: string, problem: string): SourceError {
  return new SourceError(
    'malformed',
    `${where}, ${subject}: ${problem}`,
    'Check the address of the vault, and what a proxy on the way does.',
  );
}
