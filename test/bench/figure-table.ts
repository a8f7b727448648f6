import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { type Figure, isMet, type Unmeasured } from './figure.ts';

/** Machine, runtime and load, in one line: without them a figure says nothing. */
export function machineText(): string {
  const [cpu] = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  const load = loadavg().map((value) => value.toFixed(1));
  return `${availableParallelism()} x ${cpu?.model.trim() ?? 'unknown processor'}, ${memory}, ${type()} ${release()}, Node ${process.version}, load ${load.join(' ')}`;
}

/** The table of all figures, in columns of plain text. */
export function figureTable(figures: readonly (Figure | Unmeasured)[]): string {
  const rows = figures.map((figure) =>
    'why' in figure
      ? [figure.name, '', '', '', '', 'not measured', figure.why]
      : [
          figure.name,
          figure.ours,
          figure.peer ?? '',
          figure.unit === 'MB' ? `${figure.value.toFixed(0)} MB` : figure.value.toFixed(2),
          `${figure.limit.kind} ${figure.limit.value}${figure.unit === 'MB' ? ' MB' : ''}`,
          isMet(figure) ? 'met' : 'MISSED',
          figure.note,
        ],
  );
  const head = ['figure', 'this program', 'peer', 'value', 'limit', '', 'how'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map((row) => `${line(row)}\n`).join('');
}
