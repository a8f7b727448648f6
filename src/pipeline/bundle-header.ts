import type { BundleHeader } from '../model/bundle.ts';
import { BundleError, readBundle } from './bundle-file.ts';

/** The header of a bundle, without reading the rest. @throws BundleError */
export async function bundleHeader(file: string): Promise<BundleHeader> {
  for await (const line of readBundle(file)) {
    if (line.type === 'header') return line;
  }
  throw new BundleError(`bundle ${file} is empty`, 'Collect again: recoverage collect.');
}
