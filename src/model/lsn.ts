/** Position in the log of a log sequence number such as `0/2000028`, in bytes; NaN where the text is none. */
export function lsnPosition(lsn: string): number {
  const [high = '0', low = '0'] = lsn.split('/');
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16);
}
