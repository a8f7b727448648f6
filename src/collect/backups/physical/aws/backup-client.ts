import { type ClientSettings, onlyReads, type ReadPage } from './client-settings.ts';

/** AWS Backup in one region: its lists, a page at a time, and single plans and selections. Rejects with what the AWS SDK throws. */
export interface BackupReads {
  readonly vaults: ReadPage;
  readonly recoveryPoints: (vaultName: string) => ReadPage;
  readonly plans: ReadPage;
  plan(planId: string): Promise<unknown>;
  readonly selections: (planId: string) => ReadPage;
  selection(planId: string, selectionId: string): Promise<unknown>;
  close(): void;
}

/** Loads the AWS SDK of the service. */
export async function openBackup({ config, clock, limit }: ClientSettings): Promise<BackupReads> {
  const sdk = await import('@aws-sdk/client-backup');
  const client = new sdk.BackupClient(config);
  client.middlewareStack.add(onlyReads('backup'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  return {
    async vaults(NextToken) {
      const answer = await client.send(new sdk.ListBackupVaultsCommand({ NextToken }), limit());
      return { items: answer.BackupVaultList, next: answer.NextToken };
    },
    recoveryPoints: (BackupVaultName) => async (NextToken) => {
      const command = new sdk.ListRecoveryPointsByBackupVaultCommand({ BackupVaultName, NextToken });
      const answer = await client.send(command, limit());
      return { items: answer.RecoveryPoints, next: answer.NextToken };
    },
    async plans(NextToken) {
      const answer = await client.send(new sdk.ListBackupPlansCommand({ NextToken }), limit());
      return { items: answer.BackupPlansList, next: answer.NextToken };
    },
    plan: (BackupPlanId) => client.send(new sdk.GetBackupPlanCommand({ BackupPlanId }), limit()),
    selections: (BackupPlanId) => async (NextToken) => {
      const answer = await client.send(new sdk.ListBackupSelectionsCommand({ BackupPlanId, NextToken }), limit());
      return { items: answer.BackupSelectionsList, next: answer.NextToken };
    },
    selection: (BackupPlanId, SelectionId) =>
      client.send(new sdk.GetBackupSelectionCommand({ BackupPlanId, SelectionId }), limit()),
    close: () => client.destroy(),
  };
}
