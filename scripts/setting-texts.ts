/** What a setting means, and a value one would write. */
export type SettingText = readonly [meaning: string, example: string];

/**
 * Every setting of the configuration by its path; `[]` stands for any entry of a list, `<id>` for any key. A key that
 * begins with `*.` is for every path that ends so and has no text of its own. A test fails where a setting has none.
 */
export const SETTING_TEXTS: Readonly<Record<string, SettingText>> = {
  version: ['Version of this format', '1'],
  install: ['The install that is audited', ''],
  'install.host': [
    'Name of the install host. The loss that is judged by default is everything that stands on it; failure domains refer to it by this name',
    'novantra-1',
  ],
  'install.collectorRunsHere': [
    'Whether the collector runs on the install host, so that its files can be looked at',
    'false',
  ],
  'install.database': ['How the install database is reached', ''],
  'install.database.name': ['Name of the install database', 'novantra'],
  'install.mapping': [
    'Mapping file: one SELECT for each dataset. Default: the shipped config/mappings/reference.yaml, which assumes table names',
    'mapping.yaml',
  ],
  'install.bootstrapFile': ['Bootstrap configuration on the install host', '/etc/novantra/bootstrap.env'],
  'install.stateDirectory': [
    'State directory on the install host. Its files are read for a keyed digest; directories named .next, .cache, cache, caches, log, logs, tmp, bin, node_modules and lost+found, and files named as logs, binaries, packages, locks, sockets and temporary files, take no part in it',
    '/var/lib/novantra/onprem',
  ],
  'install.runbook': [
    'The runbook for the recovery, as a text file of at most 4 MiB that the audit may read. It is searched for the ids of providers and the names of locations; nothing of it reaches a report',
    '/etc/recoverage/runbook.md',
  ],
  'install.runbookFailureDomain': [
    'Where the runbook lies. Without it, a runbook in the directory of a location lies where that is stated to be, and one on a disk of the install host is lost with it, unless a backup set elsewhere holds the same (REC-4)',
    '',
  ],
  'install.runbookFailureDomain.host': ['Host that it lies on', 'wiki-1'],
  'install.runbookFailureDomain.site': ['Site', 'site-b'],
  'install.runbookFailureDomain.account': ['Account', 'office'],
  'install.runbookFailureDomain.region': ['Region', 'eu-north-1'],
  'install.licenseFile': [
    'The file on the install host that holds the license. Whether it is there, its keyed digest and the validity that it states are reported, and which backup set holds the same',
    '/etc/novantra/license.json',
  ],
  'install.addresses': [
    'Where people reach the install. What each name resolves to, and until when its certificate is valid, are facts of the report for whoever rebuilds it',
    '[{ url: "https://novantra.example.com" }]',
  ],
  'install.addresses[].url': [
    'The address, beginning with https:. Its name is looked up, and where no certificate file is read it is asked for a TLS handshake, after which nothing is sent',
    'https://novantra.example.com',
  ],
  'install.addresses[].certificateFile': [
    'Its certificate on the install host, in PEM; of several in the file the first. A key beside it is not looked at. Where it was read, the address itself is not asked',
    '/etc/novantra/tls/fullchain.pem',
  ],
  servers: [
    "Servers of tenant databases other than the install database's. A tenant row that names no host is on that one",
    '',
  ],
  'servers[].name': ['Name of the server, for locations to refer to', 'tenants-2'],
  'servers[].maintenanceDatabase': ['Database in which the server is asked about itself', 'postgres'],
  locations: ['Where copies lie', ''],
  'locations[].name': ['Name of the location, in reports and for other settings to refer to', 'dumps'],
  'locations[].reachableFrom': [
    'Name of the only host on which the directory can be read. It is read there by a plan, and joined with scan --with',
    'vault-room-1',
  ],
  'locations[].mountPoint': [
    'Directory, at or above the path, where a file system must be mounted. Where none is, nothing can be seen of the location: what lies there is no answer, and an empty directory no gap. /etc/fstab and mount units of systemd are looked at without it (directory)',
    '/mnt/backups',
  ],
  'locations[].kind': [
    'A local or mounted directory, an S3-compatible bucket, or an AWS account and region in which RDS, AWS Backup and EBS keep copies',
    'directory',
  ],
  'locations[].path': ['Directory; everything below it is listed', '/mnt/backups/dumps'],
  'locations[].bucket': ['Name of the bucket', 'novantra-backups'],
  'locations[].prefix': ['What the keys begin with, usually ending in a slash; empty: the whole bucket', 'novantra/'],
  'locations[].purposes': ['What is looked for there', '[dumps, vault-snapshots]'],
  'locations[].backupVaults': ['Names of the vaults of AWS Backup that are looked into. Default: all', '[nightly]'],
  'locations[].volumes': [
    'EBS volumes on which servers keep their data: their snapshots are looked for. Default: none',
    '[{ server: tenants-2, volumeIds: [vol-0123456789abcdef0] }]',
  ],
  'locations[].volumes[].server': ['Name of the server whose data directory is on them', 'tenants-2'],
  'locations[].volumes[].volumeIds': [
    'All volumes that hold its data directory, its WAL and its tablespaces',
    '[vol-0123456789abcdef0]',
  ],
  'locations[].volumes[].atomic': [
    'Whether the snapshots of all of them are taken as of one moment, as by CreateSnapshots. Without it snapshots of several volumes prove nothing',
    'true',
  ],
  'locations[].vaultFiles': [
    'Of copies of the directory in which Vault stores (purpose vault-snapshots)',
    '{ copiedWhileStopped: true }',
  ],
  'locations[].vaultFiles.copiedWhileStopped': [
    'Whether each of them was made while Vault was stopped, so that all its files are of one moment. Without that no such copy counts',
    'true',
  ],
  'locations[].encryptedBy': [
    'Who holds the key that everything here is encrypted with, where the bucket does not tell it: without that key no copy opens',
    '{ provider: vault-main, key: backups }',
  ],
  'locations[].encryptedBy.provider': ['Id of the provider that holds the key', 'vault-main'],
  'locations[].encryptedBy.outside': [
    'In place of a provider: who holds it where no loss of the install reaches, in words',
    '"key service of the data centre"',
  ],
  'locations[].encryptedBy.key': ['Name of the key there, for the report', 'backups'],
  'locations[].passphraseKeptIn': [
    'Where the passphrase is kept without which nothing here opens; each place is enough by itself. State all of them: a passphrase kept only in what it restores is lost with it',
    '[{ outside: "safe of the head office" }]',
  ],
  'locations[].passphraseKeptIn[].provider': ['Id of a provider that keeps it', 'vault-main'],
  'locations[].passphraseKeptIn[].location': ['Name of a location in whose copies it is', 'dumps'],
  'locations[].passphraseKeptIn[].host': ['The install host, by its name', 'novantra-1'],
  'locations[].passphraseKeptIn[].outside': [
    'A place that no loss of the install reaches, in words',
    '"safe of the head office"',
  ],
  'locations[].timeZone': [
    'Time zone of the headers of dumps and of the names of dated directories. Default: that of the plan',
    'Europe/Berlin',
  ],
  'locations[].pgbackrest': ['What reading a repository of pgBackRest takes', '{}'],
  'locations[].pgbackrest.passphrase': [
    'repo-cipher-pass of an encrypted repository. Without it the copies are known by their names only',
    'env:PGBACKREST_REPO1_CIPHER_PASS',
  ],
  'locations[].pgbackrest.info': [
    'File in the location that holds the output of pgbackrest info --output=json, where the repository itself cannot be given. What it tells proves no copy',
    'info.json',
  ],
  '*.formerSystemIdentifiers': [
    'System identifiers that the cluster had before pg_upgrade: copies from before it bear them',
    '[]',
  ],
  '*.formerSystemIdentifiers[].systemIdentifier': ['The former identifier, in quotes', "'7300000000000000001'"],
  '*.formerSystemIdentifiers[].until': ['Date of the upgrade', '2026-03-01'],
  '*.otherDatabases': [
    'Names of databases on it that are of other applications, so that INV-2 does not take them for orphans of this install',
    '[metrics]',
  ],
  'locations[].servers': ['Names of the servers whose databases lie here. Default: all', '[tenants-2]'],
  'locations[].files': [
    'How dated copies of files are laid out; needed where purposes holds files. Beside restic or borg it states that the snapshots hold the files of stores, and sourceRoot alone counts',
    '{}',
  ],
  'locations[].files.layout': [
    'How copies lie there. `dated`: a directory for each, named by its time. `archives`: a tar archive for each, bare or compressed, named by its time. `mirror`: one directory kept like its source; when, its completion marker tells. Of no meaning beside purposes restic and borg',
    'archives',
  ],
  'locations[].files.timeFormat': [
    'Name of the directory of a copy: YYYY MM DD HH mm ss stand for digits, a final Z for UTC, everything else for itself',
    'YYYY-MM-DD_HHmm',
  ],
  'locations[].files.completionMarker': [
    'File in the directory of a copy that is written last. Without one a copy counts once a newer one exists',
    '.complete',
  ],
  'locations[].files.sourceRoot': ['Directory of the source host that the root of a copy stands for', '/srv'],
  'locations[].restic': ['How the repository of restic is opened (purpose restic)', ''],
  'locations[].restic.password': [
    'Where the password of the repository is. Without it only the number and age of its snapshots are told',
    'file:/etc/recoverage/restic-password',
  ],
  'locations[].restic.program': ['Path of restic. Default: /usr/local/bin, /usr/bin or /bin', '/opt/restic/bin/restic'],
  'locations[].borg': ['How the repository of Borg is opened (purpose borg)', ''],
  'locations[].borg.passphrase': [
    'Where the passphrase of the repository is; not needed where it is not encrypted',
    'file:/etc/recoverage/borg-passphrase',
  ],
  'locations[].borg.program': ['Path of Borg. Default: /usr/local/bin, /usr/bin or /bin', '/opt/borg/bin/borg'],
  'locations[].filesystemSnapshots': [
    'Snapshots of the file systems of one server, from a listing that a timer of that server writes (purpose filesystem-snapshots). State failureDomain: the host whose disks hold them',
    '',
  ],
  'locations[].filesystemSnapshots.listing': [
    'The listing, seen from the root of the location; it counts for 24 hours',
    'zfs-snapshots.txt',
  ],
  'locations[].filesystemSnapshots.format': [
    'What wrote it: `zfs list -Hp -t snapshot -o name,creation,used,createtxg`; `lvs --reportformat json --units b --nosuffix -o vg_name,lv_name,origin,lv_time,lv_attr,lv_size,data_percent`; `btrfs subvolume list -s -q PATH`',
    'zfs',
  ],
  'locations[].filesystemSnapshots.sources': [
    'What holds the data of the server: datasets, volumes as group/volume, or UUIDs or paths of subvolumes. Of several, only snapshots made in one transaction are one copy',
    '[tank/postgres]',
  ],
  'locations[].filesystemSnapshots.server': [
    'Name of the server whose data it is; without one only files are looked for (purpose files)',
    'install',
  ],
  'locations[].filesystemSnapshots.directories': [
    'Directories of the source host that lie on one of the sources, where copies of files are looked for (purpose files)',
    '[{ source: tank/files, path: /srv/files }]',
  ],
  'locations[].filesystemSnapshots.directories[].source': ['The source that it lies on', 'tank/files'],
  'locations[].filesystemSnapshots.directories[].path': ['Its path on the source host', '/srv/files'],
  'locations[].filesystemSnapshots.holdsEverything': [
    'Whether data directory, WAL and tablespaces are all in these sources; without that no snapshot counts',
    'true',
  ],
  'locations[].inventory': [
    'A file in which people or another product list copies (purpose inventory). What it states is declared: it never shows that there is a copy, nor that there is none',
    '',
  ],
  'locations[].inventory.file': ['The file, seen from the root of the location', 'copies.csv'],
  'locations[].inventory.format': ['CSV with a header line, or a JSON array of objects', 'csv'],
  'locations[].inventory.owner': ['Who answers for the file, where no column says so', 'Jane Doe'],
  'locations[].inventory.columns': ['Columns or keys of the file, where they bear other names', '{ moment: finished }'],
  'locations[].inventory.columns.database': ['Name of the database', 'db'],
  'locations[].inventory.columns.server': [
    'Configured name of the server; without a database, a copy of all of it',
    'host',
  ],
  'locations[].inventory.columns.path': ['Path of the install host whose files are copied (purpose files)', 'source'],
  'locations[].inventory.columns.moment': ['What the copy is consistent as of, ISO 8601', 'finished'],
  'locations[].inventory.columns.method': ['What made the copy', 'product'],
  'locations[].inventory.columns.where': ['Where it is kept', 'vault'],
  'locations[].inventory.columns.complete': ['Whether it is said to be complete: true, false or empty', 'ok'],
  'locations[].inventory.columns.owner': ['Who says so', 'owner'],
  'locations[].inventory.columns.recordedAt': ['When it was written down, ISO 8601', 'exported'],
  providers: ['Key providers, by the ids that the install database gives them', ''],
  'providers[].kind': ['Kind of the provider', 'vault-transit'],
  'providers[].id': ['Id of the provider in dataset key_providers', 'vault-main'],
  'providers[].reachableFrom': [
    'Name of the only host that can reach the provider. It is asked there by a plan, and its answers are joined with scan --with. Its secrets, and paths such as module and caFile, are those of that host',
    'vault-room',
  ],
  'providers[].address': ['Address of Vault, of the vault or of the Managed HSM', 'https://vault.internal:8200'],
  'providers[].namespace': ['Namespace of Vault Enterprise', 'team-a'],
  'providers[].mount': ['Path of the transit secrets engine', 'transit'],
  'providers[].token': ['Where the token is; one of token and login is needed', 'env:VAULT_TOKEN'],
  'providers[].login': [
    'How to log in, in place of a token. Vault then writes a token with its lease, which is given back at the end of the run: the one thing that is written to what is audited',
    '',
  ],
  'providers[].login.method': ['Auth method', 'approle'],
  'providers[].login.mount': ['Path at which the auth method is mounted, in the namespace of the provider', 'approle'],
  'providers[].login.roleId': ['Where the role id is', 'file:/etc/recoverage/vault-role-id'],
  'providers[].login.secretId': ['Where the secret id is', 'env:VAULT_SECRET_ID'],
  'providers[].login.role': ['Role to log in as', 'recoverage'],
  'providers[].login.jwt': [
    'Where the token of the workload is; it is read again for each login',
    'file:/var/run/secrets/vault/token',
  ],
  'providers[].nodes': [
    'Addresses of other nodes of the same cluster. Where a standby sends a request on to one of these, it is followed, token and all; anywhere else never',
    '["https://vault-2.internal:8200"]',
  ],
  'providers[].snapshots': [
    'Names of locations with purpose vault-snapshots that hold snapshots of this Vault, or other copies of what it stores',
    '[vault-snapshots]',
  ],
  'providers[].automatedSnapshots': [
    'Names of schedules by which Vault Enterprise takes snapshots by itself: whether they succeed is asked for (vault-transit)',
    '[daily]',
  ],
  'providers[].seal': [
    'Of a Vault that unseals itself: who holds the key it does so with. Vault tells neither, but for the ARN of a KMS key in its snapshots',
    '{ provider: vault-unseal, key: unseal-main }',
  ],
  'providers[].seal.provider': ['Id of the provider that holds the key', 'vault-unseal'],
  'providers[].seal.outside': [
    'In place of a provider: who holds it where no loss of the install reaches, in words. Whether that answers stays unknown (KEY-8)',
    'HCP Vault',
  ],
  'providers[].seal.key': ['Name of the key there, for the report', 'unseal-main'],
  'providers[].region': ['Region of AWS KMS', 'eu-central-1'],
  'providers[].endpoint': ['Another endpoint than that of AWS for the region', 'https://kms.internal'],
  'providers[].stsEndpoint': [
    'The same of AWS STS, which tells the account of the credentials',
    'https://sts.internal',
  ],
  'providers[].service': [
    'Which of the two services of Azure it is. Default: managed-hsm where the domain of the address says so',
    'key-vault',
  ],
  'providers[].tenantId': ['Tenant of Microsoft Entra ID that the vault belongs to', 'a GUID'],
  'providers[].clientId': ['Application that the audit signs in as; not the one that the product uses', 'a GUID'],
  'providers[].clientSecret': [
    'Where the secret of the application is. One of the three: this, clientCertificate, federatedTokenFile',
    'env:AZURE_CLIENT_SECRET',
  ],
  'providers[].clientCertificate': [
    'Where the certificate of the application is, in PEM with its private key',
    'file:/etc/recoverage/azure.pem',
  ],
  'providers[].federatedTokenFile': [
    'File with the token that the platform writes for a workload (federated credentials)',
    '/var/run/secrets/azure/tokens/azure-identity-token',
  ],
  'providers[].authorityHost': [
    'Sign-in service of another cloud than the public one',
    'https://login.microsoftonline.us',
  ],
  'providers[].resourceId': [
    'Id of the resource of the vault: its soft delete, purge protection and network rules are read there and told in KEY-5. Default: not asked',
    '/subscriptions/GUID/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme',
  ],
  'providers[].resourceManager': [
    'Azure Resource Manager of another cloud than the public one',
    'https://management.usgovcloudapi.net',
  ],
  'providers[].module': ['The PKCS#11 module of the maker of the HSM', '/usr/lib/vendor/libpkcs11.so'],
  'providers[].tokenLabel': [
    'Label of the token that holds the keys; slots are no names, as their numbers change',
    'org-keys',
  ],
  'providers[].tokenSerial': ['Its serial number, in place of the label or beside it', '"0a1b2c3d4e5f6071"'],
  'providers[].pin': [
    'Where the PIN of the user of the token is; a PIN that is refused is tried once in a run',
    'env:HSM_PIN',
  ],
  'providers[].environment': [
    'Environment variables that the module finds its own configuration by; it sees no others. No secrets',
    '{ CHRYSTOKI_CONF: /etc/Chrystoki.conf }',
  ],
  'providers[].wrapping': [
    'How wrapped samples were wrapped that do not say it in a column mechanism; needed with --prove-keys only. Ways by which a wrong key goes unnoticed, such as CBC, prove nothing and are not among them',
    'CKM_AES_KEY_WRAP_PAD, or RSA-OAEP-256 for Azure',
  ],
  'providers[].unwrapBy': [
    'What samples are unwrapped by with --prove-keys, and the right that permissions --prove-keys prints; decrypt is for keys that may not unwrap',
    'unwrapKey',
  ],
  'providers[].peer': [
    'A token that is said to hold the same keys, such as the second HSM of a pair. It is asked, too',
    '',
  ],
  'providers[].peer.module': ['The PKCS#11 module of its maker', '/usr/lib/vendor/libpkcs11.so'],
  'providers[].peer.tokenLabel': ['Label of the peer', 'org-keys-2'],
  'providers[].peer.tokenSerial': ['Serial number of the peer', '"0a1b2c3d4e5f6072"'],
  'providers[].peer.pin': ['Where the PIN of its user is', 'env:HSM_PEER_PIN'],
  'providers[].peer.environment': ['Environment variables of its module', '{}'],
  stores: ['Live files of the organizations', ''],
  'stores.default': ['Binding of an organization without a row; none makes a missing row a gap', 'none'],
  'stores.default.kind': ['Storage bundled with the product', 'bundled'],
  'stores.default.path': [
    'Its directory; `{organizationId}` stands for the id of the organization',
    '"/srv/files/{organizationId}"',
  ],
  'stores.s3': ['Credentials for buckets that storage bindings name', ''],
  'stores.s3[].bucket': ['Name of the bucket', 'novantra-files'],
  'stores.s3[].encryptedBy': [
    'Who holds the key that everything here is encrypted with, where the bucket does not tell it: without that key no file opens',
    '{ provider: vault-main, key: files }',
  ],
  'stores.s3[].encryptedBy.provider': ['Id of the provider that holds the key', 'vault-main'],
  'stores.s3[].encryptedBy.outside': [
    'In place of a provider: who holds it where no loss of the install reaches, in words',
    '"key service of the data centre"',
  ],
  'stores.s3[].encryptedBy.key': ['Name of the key there, by which the provider is asked about it', 'files'],
  'stores.s3[].copies': ['Names of locations that hold copies of the objects of this bucket', '[files]'],
  'stores.s3[].mirrors': [
    'Names of buckets of this list that something keeps like this one, under the same keys: a job of rclone or mc mirror, or replication that the service does not tell. Files that were drawn are looked for in them, too (FILE-8); one that holds them, keeps versions and stands elsewhere (its failureDomain) is a second copy (FILE-10). Buckets that rules of its own copy it to need not be named',
    '[novantra-files-mirror]',
  ],
  plans: ['Backup plans kept outside the product; they count as declared', ''],
  'plans[].id': ['Id of the plan, in reports', 'nightly'],
  'plans[].covers': ['What the plan backs up', 'all'],
  'plans[].servers': ['Names of the servers whose databases it covers. Default: all', '[tenants-2]'],
  'plans[].method': ['What makes the copies', 'pg_dump'],
  'plans[].schedule': [
    'Cron expression of five fields or a name of crontab(5) such as @daily, ISO 8601 duration, or continuous',
    '"0 2 * * *"',
  ],
  'plans[].timeZone': ['Time zone of the schedule', 'Europe/Berlin'],
  'plans[].retentionDays': ['How long copies are kept', '30'],
  loss: ['The loss that is judged. Default: the install host', ''],
  'loss.level': ['What is lost', 'site'],
  'loss.name': ['Its name, as failure domains state it', 'berlin'],
  policy: ['What is demanded', ''],
  'policy.failOn': ['Least severity that decides the exit code', 'critical'],
  'policy.acceptExcluded': ['Whether exclusions alone leave exit code 0 possible', 'true'],
  'policy.limits': ['Thresholds; a finding names the one it used', '{ databaseRpoHours: 4 }'],
  'policy.kindLimits': [
    'Thresholds by the kind of what is judged: before those of policy.limits, behind those of an organization',
    '{ install-database: { databaseRpoHours: 4 } }',
  ],
  'policy.kindLimits.install-database': [
    'Of the install database, and of the install as a whole',
    '{ databaseRpoHours: 4 }',
  ],
  'policy.kindLimits.tenant-database': [
    'Of tenant databases, and of organizations as a whole',
    '{ databaseRpoHours: 12 }',
  ],
  'policy.kindLimits.cluster': ['Of database servers', '{ archiveWaitMinutes: 30 }'],
  'policy.kindLimits.files': ['Of the organizations’ files', '{ filesRpoHours: 48 }'],
  'policy.kindLimits.keys': ['Of keyrings and key providers', '{ snapshotMaxAgeDays: 2 }'],
  'policy.kindLimits.location': ['Of places with copies', '{ clockToleranceMinutes: 10 }'],
  'policy.organizationLimits': ['Thresholds of single organizations, by id', '{ org_01hxy: { databaseRpoHours: 1 } }'],
  'policy.organizationLimits.<id>': ['Thresholds of one organization, as in policy.limits', '{ databaseRpoHours: 1 }'],
  '*.databaseRpoHours': ['Age that the newest copy of a database may have', '4'],
  '*.filesRpoHours': ['Age that the newest copy of files may have', '26'],
  '*.firstCopyHours': ['Time that a new organization has for its first copy', '26'],
  '*.runGraceMinutes': ['Lateness of a backup run that is tolerated', '60'],
  '*.clockToleranceMinutes': ['Difference of clocks that is tolerated', '5'],
  '*.fileSkewMinutes': ['How far file and database moments may lie apart', '15'],
  '*.provisioningHours': ['Time that provisioning an organization may take', '24'],
  '*.licenseDays': ['Days that the license must still be valid', '28'],
  '*.snapshotMaxAgeDays': ['Age that the newest snapshot of a key provider may have', '7'],
  '*.restoreTestDays': ['Time since the last restore test; 92 days are a quarter', '92'],
  '*.shrinkToFraction': ['A copy smaller than this part of the usual size is not plausible', '0.5'],
  '*.retentionDays': [
    'How far back copies must reach where no plan promises more (DB-9, DB-10, DB-12); stated, it is a duty that no plan may fall short of',
    '365',
  ],
  '*.restorableMoments': ['How many moments must be restorable; a continuous range is enough (DB-9)', '7'],
  '*.archiveWaitMinutes': [
    'Time that a completed WAL segment may wait to be archived, and may take until it is in the archive (DB-14, DB-10)',
    '15',
  ],
  '*.evidenceMaxAgeHours': ['Age at which evidence counts for nothing any more', '24'],
  '*.attestationMaxAgeDays': ['Age at which an attestation counts for nothing any more', '366'],
  '*.verificationMaxAgeDays': ['How long a full reading vouches for an unchanged copy', '14'],
  '*.auditIntervalHours': ['Time that may pass from one report to the next (RUN-4)', '170'],
  'policy.rtoHours': ['Time a restore may take (RST-4); without it that control is unknown', '8'],
  'policy.organizationRestoreTestDays': [
    'Time since the last restore test of each organization (RST-6); without it that control is not applicable',
    '366',
  ],
  'policy.restoreTargetMajorVersion': [
    'PostgreSQL major version of the restore target (DB-15). Default: that of the live server',
    '18',
  ],
  'policy.retiredMeansRewrapped': [
    'Whether a retired key version means that its data was wrapped anew (KEY-4)',
    'true',
  ],
  'policy.mayDeleteKeys': [
    'Who may delete or disable keys of AWS KMS (KEY-9), as key policies name them; an account in 12 digits stands for all that its own policies let in. Default: not stated',
    '["arn:aws:iam::111122223333:role/KeyAdmin"]',
  ],
  exclusions: ['Organizations that are left out on purpose. Page one names them, and they prevent exit code 0', ''],
  'exclusions[].organization': ['Id of the organization', 'org_01hxy'],
  'exclusions[].reason': ['Why', 'being closed'],
  'exclusions[].approver': ['Who decided', 'Jane Doe'],
  'exclusions[].expires': ['Last day it counts', '2026-12-31'],
  attestations: [
    'File of declarations. Default: attestations.yaml beside the configuration, where it exists',
    'attestations.yaml',
  ],
  digestKey: [
    'Where the key is with which digests of small secret files are made, and the MAC of plans and host bundles. Default: a new one for each run. Needed where several hosts collect',
    'file:/etc/recoverage/digest-key',
  ],
  collect: ['How sources are asked', ''],
  'collect.concurrency': ['Organizations that are asked about at a time', '32'],
  'collect.perServer': ['Connections to one PostgreSQL server at a time', '8'],
  'collect.connectTimeoutSeconds': ['Time to a usable session', '10'],
  'collect.statementTimeoutSeconds': ['Time for one SQL statement', '60'],
  'collect.lockTimeoutSeconds': ['Time that a statement waits for a lock', '5'],
  'collect.depth': [
    'How much of the copies is read. structure: headers, catalogues and names. mixed: those, and within the budget the newest copy of each database and cluster in each location in full. full: every byte of every copy, compared with its checksums. --depth overrides it',
    'full',
  ],
  'collect.inventory': [
    'Also list every store in full and count the files that no artifact row names, which takes as long as listing takes. --inventory switches it on for one run',
    'true',
  ],
  'collect.fileSample': ['Files that the tenant databases list and that are looked for in the stores (FILE-8)', ''],
  'collect.fileSample.rows': [
    'Files drawn for each organization. 59 of which none is missing say, with 95 % confidence, that at least 95 % of all are there; 299 say 99 %. 0: none, and FILE-8 is unknown',
    '299',
  ],
  'collect.fileSample.seed': [
    'Number that decides which are drawn; the same one draws the same rows of an unchanged table. Default: the day of the run, YYYYMMDD',
    '42',
  ],
  'collect.fileSample.checksums': [
    'Also read each file of up to 1 GiB and compare the checksum that its row records',
    'true',
  ],
  'collect.fileSample.names': [
    'Name files that are missing. Otherwise the report gives digests of their names under digestKey',
    'true',
  ],
  'collect.verification': [
    'How much is read to its end in one run, least recently read first, and where it is remembered',
    '',
  ],
  'collect.verification.minutes': [
    'Time for full readings in one run; one that has begun is finished. Default: 30 at depth mixed, none at full',
    '60',
  ],
  'collect.verification.gibibytes': [
    'GiB of full readings in one run, exceeded by one copy at most. Default: 200 at depth mixed, none at full',
    '500',
  ],
  'collect.verification.everyDays': [
    'With one run a day: reads as much of all as lets every copy have its turn within so many days',
    '14',
  ],
  'collect.plans': [
    'List of the plans that were written for other hosts: answers to these, and to no others, are joined. Default: plans.ndjson beside the directory of the reports',
    '/var/lib/recoverage/plans.ndjson',
  ],
  'collect.verification.file': [
    'File in which full readings are remembered, sealed where there is a digestKey. Default: verifications.ndjson beside the directory of the reports',
    '/var/lib/recoverage/verifications.ndjson',
  ],
  'collect.keyVersionsInCopies': ['Key-version rows inside dumps of tenant databases (KEY-4)', ''],
  'collect.keyVersionsInCopies.read': [
    'Read the table that copies.key_versions of the mapping names, in each dump that may count. --read-key-versions asks for it once',
    'true',
  ],
  'collect.keyVersionsInCopies.minutes': [
    'How long one run reads for it; copies beyond that go by creation dates',
    '60',
  ],
  'collect.keyVersionsInCopies.gibibytes': [
    'How much one run reads for it; copies beyond that go by creation dates',
    '200',
  ],
  'collect.proofs': [
    'How many wrapped samples are unwrapped in one run with --prove-keys; keys beyond that stay unknown',
    '2000',
  ],
  'collect.requestTimeoutSeconds': ['Time for one request to Vault, KMS or S3', '20'],
  report: ['What is written, and where', ''],
  'report.directory': ['Directory of the report; it is replaced as a whole', '/var/lib/recoverage/report'],
  'report.list': [
    'List of the reports that scan wrote with json among the formats: a line for each, which names the one before it (RUN-4). Default: reports.ndjson beside the directory of the reports',
    '/var/lib/recoverage/reports.ndjson',
  ],
  'report.formats': ['Formats to write', '[html, pdf]'],
  'report.pdfDetail': ['Organizations with a chapter of their own in the PDF, the worst first', '50'],
  'report.htmlPageSize': ['Organizations on one linked page of the HTML', '1000'],
  '*.host': ['Host name, address, or directory of a socket', 'db.internal'],
  '*.port': ['Port', '5432'],
  '*.user': ['Role; it needs no right to write: recoverage permissions', 'recoverage'],
  '*.password': ['Where its password is', 'env:RECOVERAGE_DB_PASSWORD'],
  '*.tls': ['verify-full checks certificate and host name; disable sends password and data in clear', 'disable'],
  '*.caFile': ['PEM file of the authority to trust instead of the well-known ones', '/etc/ssl/our-authority.pem'],
  '*.failureDomain': [
    'Where it stands: what is lost together with it. What is left out is not stated',
    '{ host: backup-1 }',
  ],
  '*.failureDomain.host': ['Host it stands on', 'backup-1'],
  '*.failureDomain.site': ['Site it stands on', 'berlin'],
  '*.failureDomain.account': ['Cloud account it belongs to', "'111122223333'"],
  '*.failureDomain.region': ['Cloud region it is in', 'eu-central-1'],
  '*.failureDomain.attachedAs': [
    'Only where the directory lies on what looks like a disk of the install host and stands elsewhere all the same (iSCSI LUN, cloud volume): how it is attached. Without it a notice says that such a directory contradicts the statement',
    'iSCSI LUN 7 of san-1',
  ],
  '*.region': ['Region of the bucket or of the AWS account', 'eu-central-1'],
  '*.endpoint': [
    'Address of an S3-compatible service, or of another endpoint for AWS. Default: that of AWS for the region',
    'https://s3.internal:9000',
  ],
  '*.forcePathStyle': ['Address buckets as endpoint/bucket rather than bucket.endpoint', 'true'],
  '*.requesterPays': ['Whether the owner of the bucket lets those who ask pay for it', 'true'],
  '*.accessKeyId': ['Where the access key id is', 'env:S3_ACCESS_KEY_ID'],
  '*.secretAccessKey': ['Where the secret access key is', 'env:S3_SECRET_ACCESS_KEY'],
  '*.sessionToken': ['Where the session token is, with temporary credentials', 'env:S3_SESSION_TOKEN'],
};

/** The text of the setting at a path: its own, else that of the longest ending. */
export function settingText(path: string): SettingText | undefined {
  const own = SETTING_TEXTS[path];
  if (own !== undefined) return own;
  const keys = path.split('.');
  return keys.map((_, start) => SETTING_TEXTS[`*.${keys.slice(start).join('.')}`]).find((text) => text !== undefined);
}
