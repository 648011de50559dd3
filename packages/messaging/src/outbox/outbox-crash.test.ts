import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { openPglite } from '../testing/messaging-databases.ts'
import { RecordingBroker } from '../testing/recording-broker.ts'
import { OutboxRelay } from './outbox-relay.ts'

const PROCESS = fileURLToPath(new URL('../testing/outbox-crash-process.ts', import.meta.url))

test('whenever its process is killed, what committed is published and what did not is not', async () => {
  const folder = await temporaryFolder('outbox-crash')
  try {
    const data = join(folder.path, 'data')
    const log = join(folder.path, 'published.log')
    await writeFile(log, '')
    const moments = ['before-commit', 'before-publish', 'amid-publish', 'before-mark', 'after-mark']
    for (const [index, when] of moments.entries()) {
      expect(await killed([data, log, when, String(100 + index * 10)])).toBe('SIGKILL')
    }

    const { database, close } = await openPglite(data)
    const broker = new RecordingBroker()
    await database.query('UPDATE outbox SET available_at = clock_timestamp()')
    await new OutboxRelay({ database, broker }).runOnce()
    const { rows } = await database.query<{ order_id: string }>(
      'SELECT order_id FROM orders ORDER BY order_id',
    )
    const committed = rows.map((row) => row.order_id)
    await close()

    // 5 of the ten orders of the first process, 10 of each other one.
    expect(committed).toHaveLength(45)
    const published = [...(await readFile(log, 'utf8')).split('\n').filter(Boolean), ...broker.published]
    expect([...new Set(published)].sort()).toEqual(committed)
    // At least once: only what was published and not yet marked by a dying process may come again.
    expect(published.length).toBeGreaterThan(committed.length)
  } finally {
    await folder.remove()
  }
}, 300_000)

/** Runs the process to its end; the signal that ended it. Its own words appear only if it ended otherwise. */
async function killed(values: readonly string[]): Promise<NodeJS.Signals | string> {
  const child = spawn(process.execPath, ['--conditions=golden-arch-source', PROCESS, ...values], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null] // as documented for 'close'
  return signal ?? `exit code ${code}: ${words}`
}
