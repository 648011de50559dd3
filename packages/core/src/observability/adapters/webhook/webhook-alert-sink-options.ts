import {
  type Complete,
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  withDefaults,
} from '../../../errors/index.ts'
import { type Clock, systemClock } from '../../../time/index.ts'
import type { Logger } from '../../logger.ts'
import type { Metrics } from '../../metrics.ts'
import { silentLogger, silentMetrics } from '../../silent.ts'
import { requireWebhookSecret } from './webhook-signature.ts'

/** What a `WebhookAlertSink` is made of. */
export interface WebhookAlertSinkOptions {
  /** Where alerts are sent, `https://`, or `http://` where the way is safe. Never logged. */
  readonly url: string
  /** `whsec_` and 24 to 64 bytes in base64, shared with the receiver. */
  readonly secret: string
  /** Sends the alerts. Default the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Alerts that may wait, 1 to 100000; one more is dropped, counted and logged. Default 1000. */
  readonly maxQueueLength?: number | undefined
  /** Attempts for one alert, 1 to 100; then it is dropped, counted and logged. Default 8. */
  readonly maxAttempts?: number | undefined
  /** Milliseconds one attempt may take, 1 to 600000. Default 5000 (5 seconds). */
  readonly timeoutMs?: number | undefined
  /** Milliseconds before the second attempt, 1 to 600000; doubled for each further one. Default 1000 (1 second). */
  readonly initialDelayMs?: number | undefined
  /** Milliseconds between two attempts at most, 1 to 3600000. Default 60000 (1 minute). */
  readonly maxDelayMs?: number | undefined
  /** Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What the sink may rely on. */
export interface ResolvedWebhookAlertSinkOptions extends Complete<WebhookAlertSinkOptions> {
  /** The secret's bytes. */
  readonly key: Uint8Array
}

/** What is used where nothing is given. */
const DEFAULT_WEBHOOK_ALERT_SINK_OPTIONS = Object.freeze({
  url: undefined,
  secret: undefined,
  fetch: undefined,
  maxQueueLength: 1000,
  maxAttempts: 8,
  timeoutMs: 5000,
  initialDelayMs: 1000,
  maxDelayMs: 60_000,
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
  random: Math.random,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option and the rule; url and secret are not shown.
 */
export function resolveWebhookAlertSinkOptions(
  options: WebhookAlertSinkOptions,
): ResolvedWebhookAlertSinkOptions {
  const given = withDefaults(options, DEFAULT_WEBHOOK_ALERT_SINK_OPTIONS)
  const key = requireWebhookSecret(given.secret)
  // Looked up anew for each sink, as a program may put another in its place.
  const resolved = { ...given, fetch: requireFunction('fetch', given.fetch ?? globalThis.fetch), key }
  if (!/^https?:\/\//.test(resolved.url) || !URL.canParse(resolved.url)) {
    throw new InvalidOptionError('url', 'an address that starts with https:// or http://', '(not shown)')
  }
  requireInteger('maxQueueLength', resolved.maxQueueLength, { min: 1, max: 100_000 })
  requireInteger('maxAttempts', resolved.maxAttempts, { min: 1, max: 100 })
  requireInteger('timeoutMs', resolved.timeoutMs, { min: 1, max: 600_000 })
  requireInteger('initialDelayMs', resolved.initialDelayMs, { min: 1, max: 600_000 })
  requireInteger('maxDelayMs', resolved.maxDelayMs, { min: 1, max: 3_600_000 })
  requireFunction('random', resolved.random)
  requireMethods('metrics', resolved.metrics, ['counter', 'gauge'])
  return resolved
}
