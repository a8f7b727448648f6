/** Listings of these, directory buckets, have no order (Amazon S3 User Guide, "Directory bucket naming rules"). */
const WITHOUT_ORDER = /--x-s3$/;

/**
 * Watches that a listing goes on. Keys of a listing ascend (Amazon S3 API Reference, ListObjectsV2: "in lexicographical
 * order", of bytes in UTF-8); some services compare them by UTF-16 instead, so that a page goes on where its last key is
 * beyond all before it in either order. One page may be told twice; a second one that does not go on ends no listing.
 */
export interface ListingOrder {
  /** @param last the last key of the next page that has any. Returns whether the listing goes on. */
  goesOn(last: string): boolean;
}

export function listingOrder(bucket: string): ListingOrder {
  let greatest: string | null = null;
  let greatestBytes = Buffer.alloc(0);
  let back = 0;
  return {
    goesOn(last) {
      if (WITHOUT_ORDER.test(bucket)) return true;
      const bytes = Buffer.from(last);
      const isFirst = greatest === null;
      const isByUnits = greatest === null || last > greatest;
      const isByBytes = isFirst || Buffer.compare(bytes, greatestBytes) > 0;
      if (isByUnits) greatest = last;
      if (isByBytes) greatestBytes = bytes;
      back = isByUnits || isByBytes ? 0 : back + 1;
      return back < 2;
    },
  };
}
