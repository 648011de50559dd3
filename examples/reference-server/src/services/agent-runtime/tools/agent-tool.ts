import type { z } from 'zod'

/** In whose name a tool runs. */
export interface ToolCaller {
  readonly tenantId: string
  readonly rootTaskId: string
  readonly taskId: string
  readonly agentId: string
  readonly signal?: AbortSignal
}

/**
 * Something that a model may ask for. It does nothing to the outside, so that a run after a crash may run it again; what it
 * gives back is for the model's eyes and bounded by whoever runs it.
 */
export interface AgentTool<Input = unknown> {
  /** 1 to 64 letters, digits and `_`. */
  readonly name: string
  readonly description: string
  readonly inputSchema: z.ZodType<Input>
  /** Text for the model, of failures that it brought about too. @throws by code where the host could not run it. */
  run(input: Input, caller: ToolCaller): Promise<string>
}
