import { InvalidOptionError, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import type { SubscriptionOptions } from './ports/message-broker.ts'
import { requireDurable } from './streams/durable-name.ts'
import { requireStreamName } from './streams/stream-definition.ts'
import { requireSubjectPattern } from './streams/subject-pattern.ts'

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function requireSubscriptionOptions(
  options: SubscriptionOptions,
): SubscriptionOptions & { readonly subjects: readonly string[]; readonly startAt: 'all' | 'new' } {
  const { subjects = ['>'], startAt = 'all' } = options
  requireStreamName(options.stream)
  requireDurable(options.durable)
  if (subjects.length === 0) throw new InvalidOptionError('subjects', 'at least one subject', subjects)
  for (const subject of subjects) requireSubjectPattern('subjects', subject)
  requireOneOf('startAt', startAt, ['all', 'new'])
  requireInteger('prefetch', options.prefetch, { min: 1, max: 10_000 })
  requireInteger('leaseMs', options.leaseMs, { min: 1000, max: 3_600_000 })
  requireInteger('maxAttempts', options.maxAttempts, { min: 1, max: 11_000 })
  return { ...options, subjects, startAt }
}
