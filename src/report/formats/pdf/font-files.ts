import { createRequire } from 'node:module';

/** The typefaces of the report. DejaVu covers Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian and symbols. */
export const FACES = {
  regular: 'DejaVuSansCondensed.ttf',
  bold: 'DejaVuSansCondensed-Bold.ttf',
  italic: 'DejaVuSansCondensed-Oblique.ttf',
  mono: 'DejaVuSansMono.ttf',
} as const;
export type FaceName = keyof typeof FACES;

/** Absolute path of a face's TrueType file in the package `dejavu-fonts-ttf`. @throws Error when it is not installed. */
export function faceFile(name: FaceName): string {
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${FACES[name]}`);
}
