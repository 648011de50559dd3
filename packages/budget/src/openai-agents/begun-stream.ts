/**
 * A stream of `items`, once the first is there: a model is asked no sooner than that, and what it refuses is thrown here.
 * Each item is asked for when the one before it was taken.
 */
export async function begunStream<Item>(items: AsyncIterable<Item>): Promise<ReadableStream<Item>> {
  const iterator = items[Symbol.asyncIterator]()
  let first: IteratorResult<Item> | undefined = await iterator.next()
  return new ReadableStream<Item>(
    {
      async pull(controller) {
        const step = first ?? (await iterator.next())
        first = undefined
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
