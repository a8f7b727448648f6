const MANY_DIGITS = /\d{16}/;

/**
 * Parses JSON, with numbers that a double cannot hold as their decimal text: system identifiers have 64 bits.
 *
 * @throws SyntaxError when it is no JSON, or nested too deep to be looked through
 */
export function parseExactJson(text: string): unknown {
  if (!MANY_DIGITS.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, keepExact);
  } catch (error) {
    // The platform looks through nested values by calling itself.
    if (error instanceof RangeError) throw new SyntaxError('nested too deep', { cause: error });
    throw error;
  }
}

function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && context?.source !== undefined ? context.source : value;
}
