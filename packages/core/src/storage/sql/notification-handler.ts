import { AsyncResource } from 'node:async_hooks'
import type { Logger } from '../../observability/index.ts'

/**
 * `handler` as the adapters call it: in the context of its subscriber, not of whichever transaction the message came
 * in with, and with whatever it throws logged, since nobody waits for it.
 */
export function notificationHandler(
  channel: string,
  handler: (payload: string) => void,
  logger: Logger,
): (payload: string) => void {
  const call = AsyncResource.bind((payload: string): void => {
    try {
      handler(payload)
    } catch (error) {
      logger.error({ err: error, channel }, 'notification handler failed')
    }
  })
  return (payload) => queueMicrotask(() => call(payload))
}
