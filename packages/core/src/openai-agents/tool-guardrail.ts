/** A call of a tool, as a guardrail sees it. */
export interface GuardedToolCall {
  readonly name: string
  /** The arguments, as JSON. */
  readonly arguments: string
}

/** What the SDK is to do: go on, give the model a message in place of the output, or end the run by an error. */
export type ToolGuardrailBehavior =
  | { readonly type: 'allow' }
  | { readonly type: 'rejectContent'; readonly message: string }
  | { readonly type: 'throwException' }

/** What a guardrail says. */
export interface ToolGuardrailDecision<Info> {
  readonly behavior: ToolGuardrailBehavior
  /** For the SDK's results and errors. */
  readonly outputInfo: Info
}
