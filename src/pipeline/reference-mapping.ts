import { fileURLToPath } from 'node:url';

/** The mapping that comes with the program: an assumption about the product's schema, to be checked with doctor. */
export const REFERENCE_MAPPING = fileURLToPath(new URL('../../config/mappings/reference.yaml', import.meta.url));
