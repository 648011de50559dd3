import type { AgentRole } from '@golden-arch/core/tasks'
import type { ModelMessage, ModelOutcome, ToolDescription } from './models/model-port.ts'
import type { Question } from './question.ts'

/** A question while it is being asked: what was said so far, and how many calls there were. */
export interface Asking {
  readonly question: Question<unknown>
  readonly agentRole: AgentRole | null
  readonly promptVersion: number | null
  readonly tools: readonly ToolDescription[]
  readonly messages: ModelMessage[]
  /** Calls so far, those of earlier runs among them. Their numbers name their effects. */
  calls: number
  /** How many of them ended with the run that made them. */
  lostCalls: number
}

/** How a call ended, as the ledger of effects keeps it. */
export type KeptOutcome = ModelOutcome & {
  /** `provider/model`. Absent in what an earlier release kept. */
  readonly model?: string
  readonly agentRole?: AgentRole | null
  readonly promptVersion?: number | null
}

/** Tokens of output that a call may have. */
export const MAX_OUTPUT_TOKENS = 4000
/** A hold must not be smaller than the prompt: four characters a token is the usual rule, three leaves a margin. */
const CHARACTERS_PER_TOKEN = 3

/** The most tokens that the next call can use. */
export function estimateTokens({ messages, tools }: Pick<Asking, 'messages' | 'tools'>): number {
  const characters = [...messages.map(charactersOf), ...tools.map(charactersOfTool)].reduce(
    (sum, count) => sum + count,
    0,
  )
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + MAX_OUTPUT_TOKENS
}

function charactersOf(message: ModelMessage): number {
  const wishes = 'toolRequests' in message ? JSON.stringify(message.toolRequests).length : 0
  return message.content.length + wishes
}

/** What a schema takes beside its description is not known before it is sent: a margin stands for it. */
const SCHEMA_CHARACTERS = 500

function charactersOfTool({ name, description }: ToolDescription): number {
  return name.length + description.length + SCHEMA_CHARACTERS
}
