import { createHash } from 'node:crypto';
import type { ReportSink } from '../../../model/report.ts';
import { EVIDENCE_STATEMENT } from '../../wording/method.ts';
import { styleSheet, type TemplateName } from '../compiled-templates.ts';
import { fill } from './templates.ts';

/** A page that is being written. */
export interface HtmlDocument {
  add(template: TemplateName, context: object): Promise<void>;
  end(): Promise<void>;
}

export interface Link {
  readonly href: string;
  readonly text: string;
}

export interface DocumentHead {
  readonly title: string;
  /** The links of the contents; empty where the page has none. */
  readonly links: readonly Link[];
  /** The line at the foot of the page. */
  readonly foot: string;
}

/** The policy of the page allows this style sheet by its digest and nothing else (Content Security Policy Level 3, section 6.7.2.3). */
const STYLE_HASH = createHash('sha256').update(styleSheet).digest('base64');

/** Opens a page: one file with its style sheet inside, without script and without any outside request. */
export async function openDocument(sink: ReportSink, name: string, head: DocumentHead): Promise<HtmlDocument> {
  const file = await sink.file(name);
  await file.write(fill('document-head', { title: head.title, styleHash: STYLE_HASH }));
  await file.write(`<style>${styleSheet}</style>\n`);
  await file.write(fill('document-body', { links: head.links }));
  return {
    add: (template, context) => file.write(fill(template, context)),
    async end() {
      await file.write(fill('document-end', { text: head.foot, statement: EVIDENCE_STATEMENT }));
      await file.close();
    },
  };
}
