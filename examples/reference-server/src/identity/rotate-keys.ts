import type { Logger } from '@golden-arch/core/observability'
import type { KeyRing } from '@golden-arch/core/security'
import { type Clock, sleep } from '@golden-arch/core/time'

const INTERVAL_MS = 60_000

/** How keys are rotated. */
export interface RotateKeysOptions {
  readonly signal: AbortSignal
  readonly logger: Logger
  readonly clock: Clock
}

/** Rotates `ring` when it is time, looking once a minute until the signal fires. What fails is logged and tried again. */
export async function rotateKeys(
  ring: Pick<KeyRing, 'rotateIfDue'>,
  { signal, logger, clock }: RotateKeysOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await ring.rotateIfDue()
    } catch (error) {
      logger.error({ err: error }, 'signing keys were not rotated')
    }
    // It rejects by the signal alone, which the loop looks at.
    await sleep(INTERVAL_MS, { signal, clock }).catch(() => undefined)
  }
}
