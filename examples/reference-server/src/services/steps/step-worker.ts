import { randomUUID } from 'node:crypto'
import type { Logger, Metrics, Span, Tracer } from '@golden-arch/core/observability'
import type { ClaimedStep, TaskSteps } from '@golden-arch/core/tasks'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { ack, EventConsumer, type EventHandler, type MessageBroker } from '@golden-arch/messaging'
import { z } from 'zod'
import { keepRunning } from '../../keep-running.ts'
import { withLogContext } from '../../telemetry/log-context.ts'
import { HANDLER_TIMEOUT_MS, throughOutages } from '../through-outages.ts'
import { FreeSlots } from './free-slots.ts'
import { HeldBackSteps } from './held-back-steps.ts'

/** What a {@link StepWorker} is made of. */
export interface StepWorkerOptions {
  /** The service whose steps it takes, such as `agent-runtime`. */
  readonly service: string
  readonly steps: TaskSteps
  readonly broker: MessageBroker
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  /**
   * Does a step and gives its result; heeds the signal, which fires when the step is cancelled, lost or over its time. Throws
   * TaskError `STEP_NOT_NOW` where it cannot begin: the step is given back, and others of its tenant and kind are left alone.
   */
  readonly work: (step: ClaimedStep, signal: AbortSignal) => Promise<object>
  /** Hears of each step whose run has ended here. */
  readonly onEnd?: (step: ClaimedStep) => void
  /** Steps at once. */
  readonly maxConcurrent: number
  /** Milliseconds after which messages of a dead process come again. */
  readonly messageLeaseMs: number
  /** Milliseconds between looks for steps whose message was lost. Default 1000 (1 second). */
  readonly pollIntervalMs?: number
  /** Default the system clock. */
  readonly clock?: Clock
}

/** What the event of a requested step says. */
const requestedSchema = z.object({ taskId: z.string(), stepId: z.string(), service: z.string() })
type Requested = z.infer<typeof requestedSchema>

const POLL_INTERVAL_MS = 1000

/**
 * Takes the steps that a service is asked for, so many at once, and runs each to its end. Messages tell of steps at
 * once; a poll finds those whose message was lost or whose holder has died.
 */
export class StepWorker {
  readonly #options: StepWorkerOptions
  readonly #owner = randomUUID()
  readonly #slots: FreeSlots
  readonly #heldBack: HeldBackSteps
  readonly #running = new Set<Promise<void>>()
  /** Ends the pause between two looks. */
  #wake = new AbortController()

  constructor(options: StepWorkerOptions) {
    this.#options = options
    this.#slots = new FreeSlots(options.maxConcurrent)
    this.#heldBack = new HeldBackSteps(options.clock)
  }

  /**
   * Takes steps until `stopping` fires; resolves once no step runs here any more. What still runs when `givingUp` fires is
   * given back.
   */
  async run(stopping: AbortSignal, givingUp: AbortSignal): Promise<void> {
    const { service, broker, logger, metrics, tracer, maxConcurrent, messageLeaseMs } = this.#options
    const consumer = new EventConsumer<Requested>({
      ...{ broker, logger, metrics, tracer },
      stream: 'TASKS',
      durable: service,
      subjects: [`task.step.requested.${service}`],
      schema: requestedSchema,
      maxConcurrent,
      prefetch: maxConcurrent,
      leaseMs: messageLeaseMs,
      // A handler only claims; what it waits for, beside the database, is a free place.
      handlerTimeoutMs: HANDLER_TIMEOUT_MS,
    })
    const handle: EventHandler<Requested> = async ({ event, signal: held }) => {
      const { taskId, stepId } = event.data
      const key = { tenantId: event.tenantid, taskId, stepId }
      const waiting = AbortSignal.any([stopping, held])
      await this.#start(() => this.#options.steps.claim(key, { owner: this.#owner }), waiting, givingUp)
      // A message that came too late for this process is done all the same: the poll knows the step.
      return ack()
    }
    await Promise.all([
      keepRunning({ task: `hearing of steps for ${service}`, signal: stopping, logger }, (signal) =>
        consumer.run(throughOutages(handle), { signal }),
      ),
      this.#poll(stopping, givingUp),
    ])
    await Promise.all(this.#running)
  }

  async #poll(signal: AbortSignal, givingUp: AbortSignal): Promise<void> {
    const { service, steps, logger, clock = systemClock, pollIntervalMs = POLL_INTERVAL_MS } = this.#options
    while (!signal.aborted) {
      try {
        let hasFound = true
        while (hasFound && this.#slots.free > 0 && !signal.aborted) {
          const claimNext = () =>
            steps.claimNext({ service, owner: this.#owner, except: this.#heldBack.sorts() })
          hasFound = await this.#start(claimNext, signal, givingUp)
        }
      } catch (error) {
        if (!signal.aborted) logger.error({ err: error, service }, 'looking for steps failed')
      }
      const woken = AbortSignal.any([signal, this.#wake.signal])
      await sleep(pollIntervalMs, { signal: woken, clock }).catch(() => undefined)
      if (this.#wake.signal.aborted) this.#wake = new AbortController()
    }
  }

  /** Claims once a place is free, and runs what was claimed beside the caller; whether there was anything. */
  async #start(
    claim: () => Promise<ClaimedStep | undefined>,
    waiting: AbortSignal,
    givingUp: AbortSignal,
  ): Promise<boolean> {
    if (!(await this.#slots.take(waiting))) return false
    let claimed: ClaimedStep | undefined
    try {
      claimed = await claim()
    } finally {
      if (claimed === undefined) this.#slots.give()
    }
    if (claimed === undefined) return false
    const running = this.#run(claimed, givingUp).finally(() => {
      this.#slots.give()
      this.#running.delete(running)
    })
    this.#running.add(running)
    return true
  }

  /** A run below what told of the step, or else where it was asked for. */
  #run(step: ClaimedStep, signal: AbortSignal): Promise<void> {
    const { tracer, service } = this.#options
    const { tenantId, taskId, stepId, kind, runs } = step
    const parent = tracer.activeContext() ?? step.trace ?? null
    const attributes = {
      'golden_arch.tenant_id': tenantId,
      'golden_arch.task_id': taskId,
      'golden_arch.step_id': stepId,
      'golden_arch.service': service,
      'golden_arch.step_run': runs,
    }
    return withLogContext({ tenant_id: tenantId, task_id: taskId, step_id: stepId }, () =>
      tracer.trace(`step ${kind}`, { parent, attributes }, (span) => this.#runIn(span, step, signal)),
    )
  }

  async #runIn(span: Span, step: ClaimedStep, signal: AbortSignal): Promise<void> {
    const { steps, work, logger, onEnd } = this.#options
    const { tenantId, taskId, stepId } = step
    try {
      const end = await steps.runClaimed(step, (ending) => work(step, ending), { signal })
      onEnd?.(step)
      if (end.kind === 'held-back') this.#heldBack.add(step, end.afterMs)
      // No message tells of those that were given back: what has ended here may be what they waited for.
      else if (this.#heldBack.remove(step)) this.#wake.abort()
      if (span.isRecording) span.setAttributes({ 'golden_arch.step_end': end.kind })
      if (end.kind !== 'retrying' && end.kind !== 'failed') return
      span.fail(end.error)
      logger.warn({ err: end.error, tenantId, taskId, stepId, end: end.kind }, 'a step failed')
    } catch (error) {
      span.fail(error)
      // The lease lapses, and the step runs again.
      logger.error({ err: error, tenantId, taskId, stepId }, 'the end of a step could not be written')
    }
  }
}
