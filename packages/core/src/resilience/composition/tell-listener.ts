/** Tells a listener, which has no say in what happens: what it throws is dropped, and what it rejects with later too. */
export function tellListener<Notice>(listener: ((notice: Notice) => void) | undefined, notice: Notice): void {
  try {
    const ended: unknown = listener?.(notice)
    // The type lets an asynchronous one through; nobody else hears of its rejection, which would end the process.
    if (ended instanceof Promise) ended.catch(() => undefined)
  } catch {
    // As it says above.
  }
}
