import { expect, it } from 'vitest'
import { begunStream } from './begun-stream.ts'

async function itemsOf<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const item of await begunStream(source)) items.push(item)
  return items
}

it('throws what the first item fails with, before there is a stream', async () => {
  const failing = new ReadableStream({ start: (controller) => controller.error(new Error('slow down')) })
  await expect(begunStream(failing)).rejects.toThrow('slow down')
})

it('gives each item once, and lets go of a source that nobody reads on', async () => {
  let isLeft = false
  const items = async function* (): AsyncGenerator<string> {
    try {
      yield* ['one', 'two', 'three']
    } finally {
      isLeft = true
    }
  }
  expect(await itemsOf(items())).toEqual(['one', 'two', 'three'])
  isLeft = false
  await (await begunStream(items())).cancel()
  expect(isLeft).toBe(true)
})

it('may be over at once', async () => {
  expect(await itemsOf(ReadableStream.from([]))).toEqual([])
})
