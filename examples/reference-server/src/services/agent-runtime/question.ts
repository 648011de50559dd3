import type { AgentRole, EffectFence } from '@golden-arch/core/tasks'
import type { z } from 'zod'
import type { ChatMessage } from './models/model-port.ts'

/** A question to a model, in the name of a step of a task. */
export interface Question<Value> {
  readonly tenantId: string
  readonly projectId: string
  /** The root whose budget pays. */
  readonly rootTaskId: string
  /** The task that asks. */
  readonly taskId: string
  /** What the task is known by to whoever asked for it. */
  readonly label: string
  readonly agentId: string
  /**
   * Whose governed prompt takes the place of the first system message; null: the prompt is the question's own. Default: the
   * role that `agentId` begins with.
   */
  readonly role?: AgentRole | null
  /** Such as `generate` or `review:security`. */
  readonly step: string
  readonly attempt: number
  readonly messages: readonly ChatMessage[]
  readonly schema: z.ZodType<Value>
  /** The tools that the model may ask for, by name, of those that the runtime has. Default: those that it offers. */
  readonly tools?: readonly string[]
  /**
   * How often an answer that cannot be read is asked for again, with what was wrong with it, 0 to 5. Default 0: the guard of
   * the task decides.
   */
  readonly maxReAsks?: number
  /** Gets the text as it comes. A piece of a later call takes the place of all that came of the calls before. */
  readonly onText?: (piece: TextPiece) => void
  /** The claim under which it is asked: once another has claimed the step, no further call begins. Default none. */
  readonly heldBy?: EffectFence
  readonly signal?: AbortSignal
}

/** A piece of an answer that is still being written. */
export interface TextPiece {
  readonly text: string
  /** Which call of the question it belongs to, from 1. */
  readonly call: number
}
