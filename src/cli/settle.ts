/** How several pieces of work ended: what they returned, and what they threw, in order. */
export interface Settled<R> {
  readonly values: readonly R[]
  readonly thrown: readonly unknown[]
}

/** Waits for all of several pieces of work, whatever becomes of each: one host that fails does not silence the others. */
export async function settleAll<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<Settled<R>> {
  const values: R[] = []
  const thrown: unknown[] = []
  const one = async (item: T): Promise<void> => {
    try {
      values.push(await work(item))
    } catch (error) {
      thrown.push(error)
    }
  }
  await Promise.all(items.map(one))
  return { values, thrown }
}
