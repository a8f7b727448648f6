import type { ServerResponse } from 'node:http';
import type { SeenRequest } from '../../../conformance/scripted-server.ts';

/**
 * Answers of the documented shape: RDS and STS by the Query protocol, EC2 by its own, AWS Backup and AWS KMS as JSON. What is not
 * scripted is an empty list.
 */
export type Script = Readonly<Record<string, Reply | ((token: string | null, request: SeenRequest) => Reply)>>;
/** A document, or an error by its name. */
export type Reply = Readonly<Record<string, unknown>> | { readonly error: string };

const BACKUP_PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/backup-vaults\/?$/, 'ListBackupVaults'],
  [/^\/backup-vaults\/[^/]+\/recovery-points\/?$/, 'ListRecoveryPointsByBackupVault'],
  [/^\/backup\/plans\/?$/, 'ListBackupPlans'],
  [/^\/backup\/plans\/[^/]+\/?$/, 'GetBackupPlan'],
  [/^\/backup\/plans\/[^/]+\/selections\/?$/, 'ListBackupSelections'],
  [/^\/backup\/plans\/[^/]+\/selections\/[^/]+\/?$/, 'GetBackupSelection'],
];

/** The lists that AWS gives empty where there is nothing. */
const EMPTY: Readonly<Record<string, Reply>> = {
  DescribeDBInstances: { DBInstances: '' },
  DescribeDBClusters: { DBClusters: '' },
  DescribeDBSnapshots: { DBSnapshots: '' },
  DescribeDBClusterSnapshots: { DBClusterSnapshots: '' },
  DescribeDBInstanceAutomatedBackups: { DBInstanceAutomatedBackups: '' },
  DescribeDBClusterAutomatedBackups: { DBClusterAutomatedBackups: '' },
  DescribeVolumes: { volumeSet: '' },
  DescribeSnapshots: { snapshotSet: '' },
  DescribeLockedSnapshots: { snapshotSet: '' },
  ListBackupVaults: { BackupVaultList: [] },
  ListRecoveryPointsByBackupVault: { RecoveryPoints: [] },
  ListBackupPlans: { BackupPlansList: [] },
  ListBackupSelections: { BackupSelectionsList: [] },
};

/** Name of the operation that a request asks for. */
export function operationOf({ method, url, headers, body }: SeenRequest): string {
  const [, target] = /^TrentService\.(\w+)$/.exec(String(headers['x-amz-target'] ?? '')) ?? [];
  if (target !== undefined) return target;
  const action = new URLSearchParams(body).get('Action');
  if (action !== null) return action;
  const { pathname } = new URL(url, 'http://localhost');
  const found = BACKUP_PATHS.find(([pattern]) => pattern.test(pathname));
  return method === 'GET' && found !== undefined ? found[1] : `${method} ${pathname}`;
}

export function awsStub(script: Script) {
  return (request: SeenRequest, response: ServerResponse): void => {
    const operation = operationOf(request);
    const form = new URLSearchParams(request.body);
    const query = new URL(request.url, 'http://localhost').searchParams;
    const token = form.get('Marker') ?? form.get('NextToken') ?? query.get('nextToken');
    const scripted = script[operation] ?? {};
    const reply = { ...EMPTY[operation], ...(typeof scripted === 'function' ? scripted(token, request) : scripted) };
    const isJson = !form.has('Action');
    const isEc2 = form.get('Version') === '2016-11-15';
    if ('error' in reply) {
      fail(response, String(reply['error']), isJson, isEc2);
      return;
    }
    if (isJson) {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(reply));
      return;
    }
    const inner = isEc2 ? xml(reply) : `<${operation}Result>${xml(reply)}</${operation}Result>`;
    response
      .writeHead(200, { 'Content-Type': 'text/xml' })
      .end(`<${operation}Response>${inner}<ResponseMetadata/></${operation}Response>`);
  };
}

function fail(response: ServerResponse, name: string, isJson: boolean, isEc2: boolean): void {
  if (isJson) {
    response
      .writeHead(403, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': name })
      .end(JSON.stringify({ Code: name, Message: 'not authorized' }));
    return;
  }
  const error = `<Error><Type>Sender</Type><Code>${name}</Code><Message>not authorized</Message></Error>`;
  response
    .writeHead(403, { 'Content-Type': 'text/xml' })
    .end(isEc2 ? `<Response><Errors>${error}</Errors></Response>` : `<ErrorResponse>${error}</ErrorResponse>`);
}

/** An object as elements; an array repeats its element. */
function xml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .map(([name, child]) =>
      Array.isArray(child)
        ? child.map((one) => `<${name}>${xml(one)}</${name}>`).join('')
        : `<${name}>${xml(child)}</${name}>`,
    )
    .join('');
}

/** Seconds since 1970, as JSON of AWS Backup tells time. */
export function epoch(instant: string): number {
  return Date.parse(instant) / 1000;
}
