import type { RedisClient } from './redis-client.ts'

/**
 * Resolves once a command would be sent at once. Commands given to ioredis earlier would wait in its queue and be sent
 * whenever Redis comes back, long after their caller was told that they failed.
 * @throws Error when the client has ended or the signal fires.
 */
export async function untilReady(client: RedisClient, signal: AbortSignal): Promise<void> {
  if (client.status === 'ready') return
  if (client.status === 'end') throw new Error('the client has ended')
  let onReady: () => void = () => {}
  let onEnd: () => void = () => {}
  let onAbort: () => void = () => {}
  const settled = new Promise<void>((resolve, reject) => {
    onReady = resolve
    onEnd = () => reject(new Error('the client has ended'))
    onAbort = () => reject(new Error('the client is not connected'))
  })
  client.once('ready', onReady)
  client.once('end', onEnd)
  signal.addEventListener('abort', onAbort, { once: true })
  // What a lazy first connection fails with shows as the event 'end' or as the time limit.
  if (client.status === 'wait') client.connect().catch(() => undefined)
  try {
    await settled
  } finally {
    client.removeListener('ready', onReady)
    client.removeListener('end', onEnd)
    signal.removeEventListener('abort', onAbort)
  }
}
