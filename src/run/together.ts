/** Waits for several pieces of work even when one throws: nothing of a run may go on once the run has ended. */
export async function together<R>(work: readonly Promise<R>[]): Promise<readonly R[]> {
  const settled = await Promise.allSettled(work)
  for (const one of settled) if (one.status === 'rejected') throw one.reason
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}
