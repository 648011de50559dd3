import type { SqlDatabase } from '@golden-arch/core/storage'
import { describeWithService, randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { MemoryBroker } from '../adapters/memory/index.ts'
import { openPostgres } from '../testing/messaging-databases.ts'
import type { DeadLetter } from './dead-letter.ts'
import { deadLetterQueueContract } from './dead-letter-queue.contract.ts'
import { DeadLetterQueue } from './dead-letter-queue.ts'
import { deadLetterRecordsContract } from './dead-letter-records.contract.ts'
import { deadLetterWatchContract } from './dead-letter-watch.contract.ts'
import { removeSettled } from './forget-dead-letters.ts'
import { countDeadLetters } from './group-dead-letters.ts'
import { recordDeadLetters } from './record-dead-letters.ts'
import { redriveMessageId } from './redrive-message-id.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

const WAIT = { timeout: 60_000, interval: 20 }

describeWithService('postgres', 'dead letters on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 300_000)
  afterAll(() => opened.close())

  describe('tables', () => deadLetterRecordsContract(() => opened.databases[0]))
  describe('DeadLetterQueue', () => deadLetterQueueContract(() => opened.databases))
  describe('watching', () => deadLetterWatchContract(() => opened.databases))

  describe('counted by two at once', () => {
    let tenantId: string
    let stream: string
    beforeEach(() => {
      tenantId = randomName('tenant')
      stream = randomName('STREAM')
    })
    const letter = (sequence: number, errorCode: string, messageId = `m-${sequence}`): DeadLetter =>
      sampleDeadLetter({
        ...{ tenantId, messageId, errorCode },
        source: { stream, sequence: String(sequence), consumer: 'hub' },
      })
    /**
     * Has `first` and then a new dead letter of the kind SECOND wait for the last that is counted, both at once; how they end,
     * and how many there are after.
     */
    const race = async (first: (database: SqlDatabase) => Promise<unknown>): Promise<readonly unknown[]> => {
      const [holding, racing] = opened.databases
      /** The process that waits for what the process `pid` holds. */
      const waiterFor = (pid: number): Promise<number> =>
        vi.waitFor(async () => {
          const { rows } = await racing.query<{ pid: number }>(
            'SELECT pid FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))',
            [pid],
          )
          if (rows[0] === undefined) throw new Error('nobody waits yet')
          return rows[0].pid
        }, WAIT)
      const { ends } = await holding.transaction(async (tx) => {
        const { rows } = await tx.query<{ pid: number }>(
          'SELECT pg_backend_pid() AS pid FROM dlq_totals WHERE tenant_id = $1 FOR UPDATE',
          [tenantId],
        )
        const one = first(racing)
        const pid = await waiterFor(rows[0]?.pid ?? 0)
        const other = recordDeadLetters(racing, [letter(9, 'SECOND')])
        await waiterFor(pid)
        return { ends: Promise.allSettled([one, other]) }
      })
      const ended = (await ends).map((end) => (end.status === 'rejected' ? end.reason.code : 'done'))
      return [...ended, await countDeadLetters(holding, { tenantId })]
    }

    test('a repetition beside a new one holds nobody up in a circle', async () => {
      await recordDeadLetters(opened.databases[0], [letter(1, 'FIRST'), letter(2, 'SECOND')])
      const ends = await race((database) =>
        recordDeadLetters(database, [letter(1, 'FIRST'), letter(3, 'SECOND')]),
      )
      expect(ends).toEqual(['done', 'done', { unresolved: 4, total: 4 }])
    })

    test('one that is forgotten, and from which another came, holds nobody up in a circle', async () => {
      const [database] = opened.databases
      const [recorded] = await recordDeadLetters(database, [letter(1, 'FIRST')])
      const dlqId = recorded?.dlqId ?? ''
      await recordDeadLetters(database, [letter(2, 'SECOND', redriveMessageId(dlqId, 1))])
      const broker = new MemoryBroker() // never asked
      const queue = new DeadLetterQueue({ broker, database })
      await queue.resolve({ tenantId, dlqId, actor: { id: 'ada', kind: 'human' } })
      const ends = await race((racing) => removeSettled(racing, 0, 1000))
      expect(ends).toEqual(['done', 'done', { unresolved: 2, total: 2 }])
    })
  })
})
