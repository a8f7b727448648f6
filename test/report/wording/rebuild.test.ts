import { expect, it } from 'vitest';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { rebuildLines } from '../../../src/report/wording/rebuild.ts';
