import { isDecimalId } from '@golden-arch/core/errors'

const PATTERN = /^redrive:([1-9]\d{0,18}):[1-9]\d{0,9}$/

/** The message id under which a dead letter is published for the `count`th time; a repetition is dropped by the broker. */
export function redriveMessageId(dlqId: string, count: number): string {
  return `redrive:${dlqId}:${count}`
}

/** The dead letter that a message id speaks of, or null if the message is none that was redriven. */
export function redrivenFrom(messageId: string | null): string | null {
  const [, dlqId] = PATTERN.exec(messageId ?? '') ?? []
  return isDecimalId(dlqId) ? dlqId : null
}
