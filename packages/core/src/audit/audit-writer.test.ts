import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { InvalidOptionError } from '../errors/index.ts'
import { type SqlDatabase, StorageError } from '../storage/index.ts'
import { FakeClock } from '../time/testing/index.ts'
import { AuditWriter } from './audit-writer.ts'
import type { AuditWriterOptions } from './audit-writer-options.ts'
import { entryOf } from './testing/audit-scene.ts'

/** A database that keeps the numbers of the entries it is given, batch by batch, and answers when it is told. */
class HeldDatabase implements SqlDatabase {
  readonly capabilities = { maxConcurrentTransactions: 1, durability: 'memory' } as const
  readonly batches: string[][] = []
  failure: Error | undefined
  #release: () => void = () => {}
  #held: Promise<void> | undefined

  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#held = undefined
    this.#release()
  }

  async query(_text: string, values: readonly unknown[] = []): Promise<never> {
    const resources = values[4] as string[] // the column of resources
    this.batches.push(resources.map((resource) => resource.replace('task/t-', '')))
    await this.#held
    if (this.failure !== undefined) throw this.failure
    return { rows: [], rowCount: 0 } as never // of no rows, whatever their type
  }

  script = (): Promise<never> => Promise.reject(new Error('not asked for'))
  transaction = this.script
  session = this.script
}

function scene(options: Partial<AuditWriterOptions> = {}): {
  database: HeldDatabase
  clock: FakeClock
  writer: AuditWriter
  write: (number: number) => Promise<void>
} {
  const database = new HeldDatabase()
  const clock = new FakeClock()
  const writer = new AuditWriter({ database, clock, ...options })
  return { database, clock, writer, write: (number) => writer.write(entryOf('acme', number)) }
}

it('waits for others to come, so long and no longer', async () => {
  const { database, clock, write } = scene({ lingerMs: 10 })
  const writes = [write(1), write(2)]
  await clock.advance(9)
  expect(database.batches).toEqual([])
  await clock.advance(1)
  await Promise.all(writes)
  expect(database.batches).toEqual([['1', '2']])
})

it('waits no more once a batch is full', async () => {
  const { database, write } = scene({ maxBatchLength: 2 })
  await Promise.all([write(1), write(2)])
  expect(database.batches).toEqual([['1', '2']])
})

it('what comes while a batch is written goes into the next one, whole', async () => {
  const { database, write, writer } = scene({ maxBatchLength: 2 })
  database.hold()
  const writes = [1, 2, 3, 4, 5].map(write)
  database.release()
  await Promise.all([...writes, writer.close()])
  expect(database.batches).toEqual([['1', '2'], ['3', '4'], ['5']])
})

it('refuses at once beyond the length of its queue, and takes entries again when there is room', async () => {
  const { database, write, writer } = scene({ maxQueueLength: 2, maxBatchLength: 2 })
  database.hold()
  const first = [write(1), write(2)]
  const waiting = [write(3), write(4)]
  await expect(write(5)).rejects.toMatchObject({ code: 'AUDIT_QUEUE_FULL', retryable: true })
  database.release()
  await Promise.all([...first, ...waiting])
  const last = write(6)
  await writer.close()
  await last
  expect(database.batches.flat()).toEqual(['1', '2', '3', '4', '6'])
})

it('closing writes what waits, without waiting for its time, and takes no more', async () => {
  const { database, write, writer } = scene()
  const waiting = write(1)
  await writer.close()
  await waiting
  expect(database.batches).toEqual([['1']])
  await expect(write(2)).rejects.toMatchObject({ code: 'AUDIT_WRITER_CLOSED' })
  await writer.close()
})

it.each(['DATABASE_UNAVAILABLE', 'OUTCOME_UNKNOWN'] as const)(
  'an outage (%s) is told to all of the batch, and nothing is repeated behind their backs',
  async (code) => {
    const { database, write } = scene({ maxBatchLength: 3 })
    database.failure = StorageError.of(code, 'gone')
    const results = await Promise.allSettled([write(1), write(2), write(3)])
    expect(results).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ reason: database.failure })),
    )
    expect(database.batches).toHaveLength(1)
    database.failure = undefined
    await Promise.all([write(4), write(5), write(6)])
    expect(database.batches.at(-1)).toEqual(['4', '5', '6'])
  },
)

it('a refusal of the whole batch is tried again one by one', async () => {
  const { database, write } = scene({ maxBatchLength: 2 })
  database.failure = StorageError.of('CHECK_VIOLATION', 'no')
  const results = await Promise.allSettled([write(1), write(2)])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  expect(database.batches).toEqual([['1', '2'], ['1'], ['2']])
})

it.each([
  ['maxBatchLength', 0],
  ['maxBatchLength', 1001],
  ['lingerMs', -1],
  ['maxQueueLength', 0],
])('refuses %s = %d', (option, value) => {
  expect(() => scene({ [option]: value })).toThrow(InvalidOptionError)
})

it('closing refuses what still waits when its time is over, and leaves the batch at hand to end', async () => {
  const { database, clock, write, writer } = scene({ maxBatchLength: 1 })
  database.hold()
  const [first, second] = [write(1), write(2)]
  const refused = expect(second).rejects.toMatchObject({ code: 'AUDIT_WRITER_CLOSED' })
  const closed = writer.close({ drainTimeoutMs: 50 })
  await clock.advance(50)
  await Promise.all([closed, refused])
  database.release()
  await first
  expect(database.batches).toEqual([['1']])
  await writer[Symbol.asyncDispose]()
  await expect(writer.close({ drainTimeoutMs: -1 })).rejects.toEqual(invalidOption('drainTimeoutMs'))
})
