import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueMarkdown } from '../src/cli/controls/control-markdown.ts';
import { describeCatalogue } from '../src/cli/controls/describe-control.ts';
import { attestationsMarkdown } from './attestations-markdown.ts';
import { configurationMarkdown } from './configuration-markdown.ts';
import { repository } from './package-program.ts';

/*
 * node scripts/generate-docs.ts: writes the documents that mirror code. A test fails while one of them is stale.
 */

writeFileSync(join(repository, 'docs/controls.md'), catalogueMarkdown(describeCatalogue()));
writeFileSync(join(repository, 'docs/configuration.md'), configurationMarkdown());
writeFileSync(join(repository, 'docs/attestations.md'), attestationsMarkdown());
