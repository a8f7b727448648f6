import type { Flow } from './flow.ts';
import type { StructureElement } from './structure-tree.ts';
import { rounded } from './text-operators.ts';
import { COLOR, MARGIN, STYLE } from './theme.ts';
import { heightOf, type Passage, type SetLine } from './typesetter.ts';

export interface Column {
  readonly title: string;
  /** Share of the table's width; the shares of a table need not add up to anything. */
  readonly share: number;
  readonly align?: 'right';
  /** Cells of this column name their row. */
  readonly names?: true;
}
export type Cell = readonly Passage[];

/** A heading above a table: a page never ends between it and the first row. */
export interface TableHeading {
  readonly level: 3 | 4;
  readonly text: string;
}

/** A table whose head is drawn again on every page it reaches. Nothing is drawn before its first row. */
export interface Table {
  /** `least` is the least height of the row, in points. */
  row(cells: readonly Cell[], least?: number): void;
  end(): void;
}

/** A row too tall for a page is not begun in less room than this. */
const SCRAP = 60;
const PADDING = { side: 4, top: 3, bottom: 3.2 } as const;

interface Placed {
  readonly x: number;
  readonly width: number;
  readonly column: Column;
}

export function openTable(flow: Flow, columns: readonly Column[], heading?: TableHeading): Table {
  const { canvas, setter } = flow;
  const placed = place(columns, flow.width());
  const head = placed.map(({ column, width }) => setter.set({ text: column.title, style: STYLE.head }, width));
  const headHeight = rowHeight(head);
  let table: StructureElement | null = null;
  let body: StructureElement | null = null;

  const cells = (lines: readonly (readonly SetLine[])[], each: (index: number, draw: () => void) => void) => {
    lines.forEach((own, index) => {
      const at = placed[index];
      if (at === undefined || own.length === 0) return;
      each(index, () => {
        let y = flow.y + PADDING.top;
        for (const line of own) {
          const free = at.column.align === 'right' ? at.width - (line.line.advance * line.style.size) / 1000 : 0;
          flow.drawLine(line, at.x + free, y);
          y += line.before + line.style.leading;
        }
      });
    });
    canvas.counts.rows += 1;
    canvas.counts.cells += lines.length;
    canvas.counts.cellLines += lines.reduce((sum, own) => sum + own.length, 0);
  };

  const rule = (y: number, color: string, weight: number) => {
    const right = MARGIN.left + flow.width();
    canvas.beneath(`${weight} w ${color} RG ${MARGIN.left} ${rounded(y)} m ${rounded(right)} ${rounded(y)} l S`);
  };

  const drawHead = (each: (index: number, draw: () => void) => void) => {
    const box = `${MARGIN.left} ${rounded(flow.y)} ${rounded(flow.width())} ${rounded(headHeight)} re f`;
    canvas.beneath(`${COLOR.faint} rg ${box}`);
    cells(head, each);
    flow.y += headHeight;
    rule(flow.y, COLOR.accent, 0.8);
  };

  const begin = (room: number) => {
    if (heading === undefined) flow.ensure(room);
    else flow.heading(heading.level, heading.text, { keep: room });
  };

  const open = (): StructureElement => {
    if (body !== null) return body;
    table = canvas.open(flow.within(), 'Table');
    const top = canvas.open(table, 'THead');
    const row = canvas.open(top, 'TR');
    drawHead((_, draw) => drawCell(row, 'TH', draw, 'Column'));
    canvas.close(row);
    canvas.close(top);
    body = canvas.open(table, 'TBody');
    return body;
  };

  const drawCell = (row: StructureElement, type: 'TH' | 'TD', draw: () => void, scope?: 'Column' | 'Row') => {
    const element = canvas.open(row, type, scope);
    canvas.marked(element, draw);
    canvas.close(element);
  };

  const nextPage = () => {
    flow.newPage();
    canvas.artifact(() => drawHead((_, draw) => draw()));
  };

  return {
    row(content, least = 0) {
      const lines = placed.map(({ width }, index) =>
        (content[index] ?? []).flatMap((passage) => setter.set(passage, width)),
      );
      const height = Math.max(least, rowHeight(lines));
      const page = flow.bottom() - flow.top() - headHeight;
      if (body === null) begin(headHeight + (height <= page ? height : SCRAP));
      const parent = open();
      if (flow.y + height > flow.bottom() && (height <= page || flow.bottom() - flow.y < SCRAP)) nextPage();
      const row = canvas.open(parent, 'TR');
      const elements = placed.map(({ column }) =>
        column.names ? canvas.open(row, 'TH', 'Row') : canvas.open(row, 'TD'),
      );
      let rest: readonly (readonly SetLine[])[] = lines;
      for (;;) {
        const { part, after } = divide(rest, flow.bottom() - flow.y - PADDING.top - PADDING.bottom);
        cells(part, (index, draw) => {
          const element = elements[index];
          if (element !== undefined) canvas.marked(element, draw);
        });
        flow.y += after === null && rest === lines ? height : rowHeight(part);
        rule(flow.y, COLOR.rule, 0.4);
        if (after === null) break;
        rest = after;
        nextPage();
      }
      for (const element of elements) canvas.close(element);
      canvas.close(row);
    },
    end() {
      if (body !== null) canvas.close(body);
      if (table !== null) canvas.close(table);
      flow.y += 8;
    },
  };
}

function place(columns: readonly Column[], width: number): Placed[] {
  const total = columns.reduce((sum, column) => sum + column.share, 0);
  let x: number = MARGIN.left;
  return columns.map((column) => {
    const whole = (column.share / total) * width;
    const at = { x: x + PADDING.side, width: whole - 2 * PADDING.side, column };
    x += whole;
    return at;
  });
}

function rowHeight(lines: readonly (readonly SetLine[])[]): number {
  return Math.max(0, ...lines.map(heightOf)) + PADDING.top + PADDING.bottom;
}

/** What of a row's cells fits into `height`, at least one line of each, and what is left for the next page; null where nothing is. */
function divide(lines: readonly (readonly SetLine[])[], height: number) {
  let more = false;
  const cuts = lines.map((own) => {
    let used = 0;
    const cut = own.findIndex((line) => {
      used += line.before + line.style.leading;
      return used > height + 0.01;
    });
    if (cut === -1) return own.length;
    more = true;
    return Math.max(1, cut);
  });
  const part = lines.map((own, index) => own.slice(0, cuts[index]));
  return { part, after: more ? lines.map((own, index) => own.slice(cuts[index])) : null };
}
