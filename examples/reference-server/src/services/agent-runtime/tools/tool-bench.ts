import { isGoldenError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type EffectKey, EffectLedger, TaskError } from '@golden-arch/core/tasks'
import { TimeError } from '@golden-arch/core/time'
import { toStorable } from '../../storable-text.ts'
import type { ToolRequest } from '../models/model-port.ts'
import type { AgentTool, ToolCaller } from './agent-tool.ts'

/** What of a tool's result a model gets to see. */
const MAX_RESULT_CHARACTERS = 8000
const MAX_PROBLEM_CHARACTERS = 1000

/** Runs the tools that models ask for, and remembers what each gave: a run after a crash shows the model the same. */
export class ToolBench {
  readonly #tools: ReadonlyMap<string, AgentTool>
  readonly #effects: EffectLedger

  constructor(options: { readonly database: SqlDatabase; readonly tools: readonly AgentTool[] }) {
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]))
    this.#effects = new EffectLedger({ database: options.database })
  }

  /** The tools of these names. Throws, naming it, where there is none. */
  named(names: readonly string[]): readonly AgentTool[] {
    return names.map((name) => {
      const tool = this.#tools.get(name)
      if (tool === undefined) throw new Error(`there is no tool ${name}`)
      return tool
    })
  }

  /**
   * What the tool says to the model. A wish that cannot be granted is told to the model, too.
   * @throws TaskError `EFFECT_TAKEN` (retryable) where another runner runs it; TimeError `ABORTED`; by code, see the tool
   * and the ports.
   */
  async run(
    request: ToolRequest,
    allowed: readonly string[],
    effectId: string,
    caller: ToolCaller,
  ): Promise<string> {
    const effect: EffectKey = { tenantId: caller.tenantId, taskId: caller.taskId, effectId }
    const known = await this.#effects.find<{ readonly text: string }>(effect)
    if (known.state === 'done') return known.result.text
    // Only a run that is gone leaves an intention behind; what a tool does may be done again.
    if (known.state === 'new' && !(await this.#effects.intend(effect))) throw TaskError.effectTaken(effectId)
    const text = toStorable(await this.#textOf(request, allowed, caller), MAX_RESULT_CHARACTERS)
    await this.#effects.finish(effect, { kind: 'tool', tool: request.toolName, text })
    return text
  }

  async #textOf(request: ToolRequest, allowed: readonly string[], caller: ToolCaller): Promise<string> {
    const tool = allowed.includes(request.toolName) ? this.#tools.get(request.toolName) : undefined
    if (tool === undefined) return `There is no tool ${request.toolName}. There are: ${allowed.join(', ')}.`
    const input = tool.inputSchema.safeParse(request.input)
    if (!input.success) return problem(`The input does not fit: ${input.error.message}`)
    try {
      return await tool.run(input.data, caller)
    } catch (error) {
      if (caller.signal?.aborted === true) throw TimeError.aborted(caller.signal.reason)
      // What the sandbox refuses is the code's own doing; all else is no news for a model.
      if (isGoldenError(error, 'SANDBOX_REQUEST_INVALID')) return problem(`Refused: ${error.message}`)
      throw error
    }
  }
}

function problem(text: string): string {
  return text.slice(0, MAX_PROBLEM_CHARACTERS)
}
