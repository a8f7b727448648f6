import { expect, test } from 'vitest';
import { readDumpFile } from '../../src/collect/formats/pg-dump/read-dump.ts';
import { readVaultSnapshot } from '../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { createVaultClient } from '../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../src/collect/keys/vault-key-provider.ts';
import { plainDump } from '../../src/demo/dump-template.ts';
import { organizationOf } from '../../src/demo/organizations.ts';
import { raftSnapshot } from '../../src/demo/raft-snapshot.ts';
import { referenceSchema } from '../../src/demo/reference-schema.ts';
import { startStandInVault } from '../../src/demo/stand-in-vault.ts';
import { tenantRows } from '../../src/demo/tenant-rows.ts';
import { demoTimeline } from '../../src/demo/timeline.ts';
import { Secret } from '../../src/model/secret.ts';
import { memoryByteReader } from '../collect/memory-byte-reader.ts';

const NOW = '2026-11-22T18:00:00.000Z';
const signal = new AbortController().signal;

test('a stand-in dump reads as a whole plain dump of its database and moment, and says what it is', async () => {
  const { tenant } = await referenceSchema();
  const text = plainDump({
    database: 'tenant_acorn',
    serverVersion: '18.4',
    startedAt: '2026-11-22T14:00:04.000Z',
    definitions: tenant,
    rows: tenantRows(organizationOf('acorn'), demoTimeline(NOW), NOW),
  });
  const recognition = await readDumpFile(memoryByteReader(Buffer.from(text)), { depth: 'full', signal });
  expect(recognition).toMatchObject({
    kind: 'dump',
    reading: {
      format: 'pg_dump-plain',
      databaseName: 'tenant_acorn',
      startedAt: '2026-11-22T14:00:04.000Z',
      serverVersion: '18.4',
      scope: 'full',
      integrity: { state: 'complete' },
    },
  });
  const tables = recognition.kind === 'dump' ? recognition.reading.tables : null;
  expect(tables?.map(({ schema, name, hasData }) => `${schema}.${name} ${hasData}`).sort()).toEqual([
    'novantra.artifacts true',
    'novantra.audit_log true',
    'novantra.key_versions true',
    'novantra.members true',
  ]);
  expect(text).toContain('-- Stand-in for a dump, made by recoverage demo');
});

test('the same instant gives the same bytes', () => {
  const rows = () => JSON.stringify(tenantRows(organizationOf('iris'), demoTimeline(NOW), NOW));
  expect(rows()).toBe(rows());
});

test('a stand-in snapshot reads as a whole one that holds the keys it was given', async () => {
  const bytes = raftSnapshot({
    takenAt: NOW,
    raftIndex: 77,
    serverId: 'stand-in-vault-1',
    mountUuid: 'mount-1',
    keyNames: ['zebra', 'acorn'],
    vaultVersion: '1.21.2+stand-in',
  });
  const keys: string[] = [];
  const reading = await readVaultSnapshot(memoryByteReader(bytes), {
    signal,
    onKey: (mount, kind, name) => keys.push(`${mount} ${kind} ${name}`),
  });
  expect(reading).toMatchObject({
    recognized: true,
    complete: true,
    checksumsMatch: true,
    takenAt: NOW,
    raftIndex: 77,
    sealType: 'shamir',
    mountUuids: ['mount-1'],
    vaultVersions: ['1.21.2+stand-in'],
  });
  expect(keys.sort()).toEqual([
    'mount-1 archive acorn',
    'mount-1 archive zebra',
    'mount-1 policy acorn',
    'mount-1 policy zebra',
  ]);
});

test('the stand-in key provider answers the audit, refuses other tokens and names itself', async () => {
  const vault = await startStandInVault({
    token: 'right-token',
    mount: 'transit',
    mountUuid: 'mount-1',
    serverId: 'stand-in-vault-1',
    raftIndex: 10,
    keys: [{ name: 'acorn', created: ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'] }],
  });
  try {
    const connect = (token: string) =>
      createVaultClient({ address: vault.address, token: new Secret(token), timeoutMillis: 5_000 });
    const provider = vaultKeyProvider('stand-in-vault', connect('right-token'), 'transit');
    const state = await provider.state();
    expect(state.items[0]).toMatchObject({ sealed: false, version: '1.21.2+stand-in', raftAppliedIndex: 10 });
    expect(provider.mountUuid()).toBe('mount-1');
    expect((await provider.key('acorn')).items[0]).toMatchObject({ state: 'enabled', latestVersion: 2 });
    expect((await provider.key('nobody')).items[0]).toMatchObject({ state: 'missing' });
    expect((await provider.rights([]))?.items[0]).toMatchObject({ canWrite: false });
    await provider.close();
    const stranger = vaultKeyProvider('stand-in-vault', connect('wrong-token'), 'transit');
    await expect(stranger.key('acorn')).rejects.toMatchObject({ reason: 'unauthorized' });
    await stranger.close();
    const write = await fetch(`${vault.address}/v1/transit/keys/acorn/rotate`, {
      method: 'POST',
      headers: { 'x-vault-token': 'right-token' },
    });
    expect(write.status).toBe(403);
  } finally {
    await vault.stop();
  }
});
