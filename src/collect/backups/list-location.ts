import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { rootOf } from '../trees/local-directory.ts';
import { type Listing, listInThread } from './threads/listing-threads.ts';
import { keepingYoungGeneration } from './threads/young-generation.ts';

/** Fewer are listed sooner than a thread is started. */
const FEW_FILES = 1000;

/** All files of a location. A local directory of many is listed anew in a thread of its own. */
export async function listLocation(tree: ArtifactTree, signal: AbortSignal): Promise<Listing> {
  const root = rootOf(tree);
  if (root === null) return (await listHere(tree, signal, Number.POSITIVE_INFINITY)).listing;
  const { listing, isLeftEarly } = await listHere(tree, signal, FEW_FILES);
  return isLeftEarly ? keepingYoungGeneration(() => listInThread(root, signal)) : listing;
}

/** @param most how many files there may be before the listing is left */
async function listHere(
  tree: ArtifactTree,
  signal: AbortSignal,
  most: number,
): Promise<{ readonly listing: Listing; readonly isLeftEarly: boolean }> {
  const files: ArtifactFile[] = [];
  const links: ArtifactFile[] = [];
  try {
    for await (const file of tree.list(signal, (link) => links.push(link))) {
      if (files.length === most) return { listing: { files, links, failure: null }, isLeftEarly: true };
      files.push(file);
    }
    return { listing: { files, links, failure: null }, isLeftEarly: false };
  } catch (error) {
    return { listing: { files, links, failure: { error } }, isLeftEarly: false };
  }
}
