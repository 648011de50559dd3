import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { ListenOptions, SqlDatabase } from '../../ports/sql-database.ts'

/** How notifications arrive, where the adapter has them. */
export function describeSqlListen(database: () => SqlDatabase): void {
  const listen = async (
    channel: string,
    handler: (payload: string) => void,
    options: ListenOptions,
  ): Promise<void> => {
    const subject = database()
    if (subject.listen === undefined) throw new Error('the database does not listen')
    await subject.listen(channel, handler, options)
  }
  const notify = (channel: string, payload: string): Promise<unknown> =>
    database().query('SELECT pg_notify($1, $2)', [channel, payload])
  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 5 })

  describe('listen', () => {
    it('calls the handler for each message on its channel, whose letters keep their case', async () => {
      const controller = new AbortController()
      const [channel, heard] = [`Channel-${randomUUID()}`, [] as string[]]
      await listen(channel, (payload) => heard.push(payload), { signal: controller.signal })
      await notify(channel.toLowerCase(), 'other')
      await notify(channel, 'one')
      await notify(channel, 'two')
      await until(() => expect(heard).toEqual(['one', 'two']))
      controller.abort()
    })

    it('tells of a transaction once it is committed, and never of one that rolled back', async () => {
      const controller = new AbortController()
      const [channel, heard] = [randomUUID(), [] as string[]]
      await listen(channel, (payload) => heard.push(payload), { signal: controller.signal })
      const fail = database().transaction(async (tx) => {
        await tx.query('SELECT pg_notify($1, $2)', [channel, 'rolled back'])
        throw new Error('on purpose')
      })
      await expect(fail).rejects.toThrow('on purpose')
      await database().transaction(async (tx) => {
        await tx.query('SELECT pg_notify($1, $2)', [channel, 'committed'])
        expect(heard).toEqual([])
      })
      await until(() => expect(heard).toEqual(['committed']))
      controller.abort()
    })

    it('a handler may use the database, and one that throws stops no other', async () => {
      const controller = new AbortController()
      const [channel, answers] = [randomUUID(), [] as unknown[]]
      const throwing = (): void => {
        throw new Error('on purpose')
      }
      await listen(channel, throwing, { signal: controller.signal })
      const answering = (): void => {
        database()
          .query('SELECT 1 AS n')
          .then(({ rows }) => answers.push(rows[0]))
          .catch((error: unknown) => answers.push(error))
      }
      await listen(channel, answering, { signal: controller.signal })
      await database().transaction((tx) => tx.query('SELECT pg_notify($1, $2)', [channel, '']))
      await until(() => expect(answers).toEqual([{ n: 1 }]))
      controller.abort()
    })

    it('an aborted subscription hears no more, while another on the channel goes on', async () => {
      const [first, second] = [new AbortController(), new AbortController()]
      const [channel, firstHeard, secondHeard] = [randomUUID(), [] as string[], [] as string[]]
      await listen(channel, (payload) => firstHeard.push(payload), { signal: first.signal })
      await listen(channel, (payload) => secondHeard.push(payload), { signal: second.signal })
      first.abort()
      await notify(channel, 'late')
      await until(() => expect(secondHeard).toEqual(['late']))
      expect(firstHeard).toEqual([])
      second.abort()
    })

    it('refuses an aborted signal, a name that PostgreSQL would cut, and a call from inside a transaction', async () => {
      const { signal } = new AbortController()
      const ignore = (): void => {}
      await expect(listen('c', ignore, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'ABORTED',
      })
      await expect(listen('c'.repeat(64), ignore, { signal })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
      await expect(listen('c"d', ignore, { signal })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      await database().transaction(async () => {
        await expect(listen('c', ignore, { signal })).rejects.toMatchObject({
          code: 'ROOT_DATABASE_IN_TRANSACTION',
        })
      })
    })
  })
}
