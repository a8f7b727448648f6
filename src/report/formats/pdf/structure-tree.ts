import type { PdfDocument, Reference } from './document.ts';

/** Standard structure types (ISO 32000-1, 14.8.4) that the report uses. */
export type StructureType =
  | 'Document'
  | 'Sect'
  | 'H1'
  | 'H2'
  | 'H3'
  | 'H4'
  | 'P'
  | 'L'
  | 'LI'
  | 'Lbl'
  | 'LBody'
  | 'Table'
  | 'THead'
  | 'TBody'
  | 'TR'
  | 'TH'
  | 'TD';

export interface StructureElement {
  readonly type: StructureType;
  readonly reference: Reference;
  readonly parent: Reference;
  readonly scope: 'Column' | 'Row' | null;
  /** References of elements, marked-content numbers, and marked-content references on further pages. */
  readonly kids: unknown[];
  page: Reference | null;
}

/** What the structure tree has to know of a page: its object, and the element of every marked-content number on it. */
export interface MarkedPage {
  readonly dictionary: Reference;
  readonly key: number;
  readonly elements: Reference[];
}

/**
 * The structure tree, written element by element. An element is written the moment it is closed and a page's share of
 * the parent tree when the page ends, so memory holds only what is open, however long the report.
 */
export interface StructureTree {
  readonly root: StructureElement;
  open(parent: StructureElement, type: StructureType, scope?: 'Column' | 'Row'): StructureElement;
  close(element: StructureElement): void;
  /** Takes the next marked-content number of `page` for `element`. */
  mark(element: StructureElement, page: MarkedPage): number;
  openPage(dictionary: { readonly data: Record<string, unknown> } & Reference): MarkedPage;
  closePage(page: MarkedPage): void;
  /** How many elements were written. */
  count(): number;
}

export function structureTree(document: PdfDocument): StructureTree {
  const treeRoot = document.getStructTreeRoot();
  const parents = treeRoot.data.ParentTree;
  let written = 0;
  const element = (parent: Reference, type: StructureType, scope: 'Column' | 'Row' | null): StructureElement => ({
    type,
    reference: document.ref({}),
    parent,
    scope,
    kids: [],
    page: null,
  });
  const root = element(treeRoot as unknown as Reference, 'Document', null);
  treeRoot.data.K = [root.reference];
  return {
    root,
    open(parent, type, scope) {
      const child = element(parent.reference, type, scope ?? null);
      parent.kids.push(child.reference);
      return child;
    },
    close(closed) {
      const { type, reference, parent, scope, kids, page } = closed;
      reference.data = {
        S: type,
        P: parent,
        ...(page === null ? {} : { Pg: page }),
        ...(scope === null ? {} : { A: { O: 'Table', Scope: scope } }),
        K: kids.length === 1 ? kids[0] : kids,
      };
      reference.end();
      reference.data = null;
      kids.length = 0;
      written += 1;
    },
    mark(owner, page) {
      const number = page.elements.length;
      page.elements.push(owner.reference);
      if (owner.page === null) owner.page = page.dictionary;
      owner.kids.push(owner.page === page.dictionary ? number : { Type: 'MCR', Pg: page.dictionary, MCID: number });
      return number;
    },
    openPage(dictionary) {
      const key = document.createStructParentTreeNextKey();
      Object.assign(dictionary.data, { StructParents: key });
      return { dictionary, key, elements: [] };
    },
    closePage(page) {
      const share = document.ref(page.elements);
      share.end();
      share.data = null;
      parents.add(page.key, share);
    },
    count: () => written,
  };
}
