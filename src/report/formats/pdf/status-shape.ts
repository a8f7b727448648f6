import { rounded } from './text-operators.ts';
import { COLOR } from './theme.ts';

/**
 * The drawn mark beside a status word. The word says it all; shapes differ in outline, not only in colour, so that a
 * reader in a hurry finds the gaps on a grey print too.
 */
export type StatusShape = 'good' | 'bad' | 'warning' | 'open' | 'waived' | 'none';

/** Path operators of a shape whose box of `size` points has its middle at (x + size / 2, y). */
export function shapeOperators(shape: StatusShape, x: number, y: number, size: number): string {
  const r = size / 2;
  const middle = x + r;
  const at = (dx: number, dy: number) => `${rounded(middle + dx * r)} ${rounded(y + dy * r)}`;
  const stroke = `${rounded(Math.max(0.6, size * 0.14))} w 1 J 1 j`;
  switch (shape) {
    case 'good':
      return `${COLOR.good} rg ${circle(middle, y, r)} f ${COLOR.white} RG ${stroke} ${at(-0.45, 0.05)} m ${at(-0.1, 0.4)} l ${at(0.48, -0.35)} l S`;
    case 'bad':
      return `${COLOR.bad} rg ${at(-0.92, -0.92)} m ${at(0.92, -0.92)} l ${at(0.92, 0.92)} l ${at(-0.92, 0.92)} l h f ${COLOR.white} RG ${stroke} ${at(-0.42, -0.42)} m ${at(0.42, 0.42)} l ${at(0.42, -0.42)} m ${at(-0.42, 0.42)} l S`;
    case 'warning':
      return `${COLOR.warning} rg ${at(0, -1)} m ${at(1.05, 0.9)} l ${at(-1.05, 0.9)} l h f ${COLOR.white} RG ${stroke} ${at(0, -0.3)} m ${at(0, 0.2)} l ${at(0, 0.6)} m ${at(0, 0.62)} l S`;
    case 'open':
      return `${COLOR.open} RG ${rounded(Math.max(0.8, size * 0.15))} w 0 j ${at(0, -0.9)} m ${at(0.9, 0)} l ${at(0, 0.9)} l ${at(-0.9, 0)} l h S`;
    case 'waived':
      return `${COLOR.muted} RG ${stroke} ${circle(middle, y, r * 0.85)} S ${at(-0.6, 0.6)} m ${at(0.6, -0.6)} l S`;
    case 'none':
      return `${COLOR.muted} RG ${stroke} ${at(-0.6, 0)} m ${at(0.6, 0)} l S`;
  }
}

/** Four Bézier curves; the constant puts them within 0.03 % of a circle. */
function circle(x: number, y: number, r: number): string {
  const k = 0.5523 * r;
  const p = (px: number, py: number) => `${rounded(px)} ${rounded(py)}`;
  return [
    `${p(x - r, y)} m`,
    `${p(x - r, y - k)} ${p(x - k, y - r)} ${p(x, y - r)} c`,
    `${p(x + k, y - r)} ${p(x + r, y - k)} ${p(x + r, y)} c`,
    `${p(x + r, y + k)} ${p(x + k, y + r)} ${p(x, y + r)} c`,
    `${p(x - k, y + r)} ${p(x - r, y + k)} ${p(x - r, y)} c h`,
  ].join(' ');
}
