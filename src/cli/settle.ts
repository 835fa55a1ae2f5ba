/** How several pieces of work ended: what they returned, and what they threw, in order. */
export interface Settled<R> {
  readonly values: readonly R[]
  readonly thrown: readonly unknown[]
}

/**
 * Waits for all pieces of work, whether they succeed or fail: one host that fails does not hide the others. The order is
 * that of the items, not the order in which they end, so that the same hosts give the same document.
 */
export async function settleAll<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<Settled<R>> {
  const settled = await Promise.allSettled(items.map(work))
  return {
    values: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    thrown: settled.flatMap((one): readonly unknown[] => (one.status === 'rejected' ? [one.reason] : [])),
  }
}
