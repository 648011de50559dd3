import { requireInteger, requireObject } from '../errors/index.ts'
import { inputOf, type McpCall, type McpToolDescription, signalOf, toolConfig } from './add-mcp-tool.ts'
import { errorResult, type McpOutput, outputResult } from './mcp-answer.ts'
import { identifyCaller } from './mcp-caller.ts'
import { McpToolError } from './mcp-tool-error.ts'
import { type McpToolOptions, resolveMcpToolOptions } from './mcp-tool-options.ts'
import type {
  McpAskingServer,
  McpCallContext,
  McpFormAnswer,
  McpFormRequest,
  McpToolResult,
} from './mcp-tool-server.ts'

/** What tools that ask a person are given. */
export interface McpPersonToolOptions<Schema> extends McpToolOptions<Schema> {
  /**
   * How long version 1 of the SDK waits for the person, in milliseconds, 1000 to 86400000. Default 600000 (10 minutes). In
   * version 2 the server's own option `inputRequired.roundTimeoutMs` says so. A client that gives up its call, as most do
   * after a time of their own, ends the wait as well.
   */
  readonly answerTimeoutMs?: number | undefined
}

/** What a person is asked. */
export interface McpQuestion {
  /** Names all that an answer depends on: an answer under another id is none to it. */
  readonly id: string
  readonly form: McpFormRequest
}

/** A tool that does nothing but what the person who calls it says in a form. */
export interface McpPersonTool extends McpToolDescription {
  /**
   * What the person is asked as things stand. It is made anew once there is an answer: where its id is another one by then,
   * the person is asked again. @throws where there is nothing to ask.
   */
  question(input: Readonly<Record<string, unknown>>, call: McpCall): Promise<McpQuestion>
  /** Does what the person said; `content` is as the client sent it. */
  settle(
    input: Readonly<Record<string, unknown>>,
    content: Readonly<Record<string, unknown>>,
    call: McpCall,
  ): Promise<McpOutput>
  /** What is told where the person said nothing. */
  undecided(input: Readonly<Record<string, unknown>>): McpOutput
}

/**
 * Adds a tool that asks the person who calls it, by a form that the client shows (MCP's elicitation), before anything is
 * done. Only a caller of kind `human` may call it, and a client that cannot show the form is refused. What a form says is as
 * good as the client that shows it: one that answers for the person speaks in the person's name.
 * @throws InvalidOptionError `INVALID_OPTION`; what the server throws, as on a name that it has.
 */
export function addMcpPersonTool<Schema>(
  server: McpAskingServer<NoInfer<Schema>>,
  options: McpPersonToolOptions<Schema>,
  tool: McpPersonTool,
): void {
  const { answerTimeoutMs = 600_000, ...rest } = requireObject('options', options)
  const { caller: callerOf, schema, logger } = resolveMcpToolOptions<Schema>(rest)
  const timeout = requireInteger('answerTimeoutMs', answerTimeoutMs, { min: 1000, max: 86_400_000 })

  server.registerTool(tool.name, toolConfig(tool, schema), async (given, context) => {
    try {
      const caller = await identifyCaller(callerOf, context, tool.name, tool.permission)
      if (caller.actor.kind !== 'human') throw needsPerson(tool.name)
      if (!canShowForms(server, context)) throw unavailable('the client cannot ask a person')
      const input = inputOf(given)
      const signal = signalOf(context)
      const call = { caller, signal }
      let question = await tool.question(input, call)
      let answer = answerTo(context, question.id)
      if (answer === undefined && context.mcpReq !== undefined) return inputRequired(question)
      while (answer === undefined) {
        const { id, form } = question
        const given = await ask(server, form, { signal, timeout, ...relatedTo(context) })
        if (given.action === 'accept') question = await tool.question(input, call)
        if (question.id === id) answer = given
      }
      if (answer.action !== 'accept') return outputResult(tool.undecided(input))
      return outputResult(await tool.settle(input, answer.content ?? {}, call))
    } catch (error) {
      return errorResult(error, tool, logger)
    }
  })
}

/** What version 2 is told, which calls again with the answer. */
function inputRequired({ id, form }: McpQuestion): McpToolResult {
  const params = { ...form, mode: 'form' as const }
  const inputRequests = { [id]: { method: 'elicitation/create' as const, params } }
  return { content: [], resultType: 'input_required', inputRequests }
}

async function ask(
  { server }: McpAskingServer<never>,
  form: McpFormRequest,
  options: Parameters<McpAskingServer<never>['server']['elicitInput']>[1],
): Promise<McpFormAnswer> {
  try {
    return await server.elicitInput(form, options)
  } catch (cause) {
    options.signal.throwIfAborted()
    throw unavailable('the client gave no answer to the form', cause)
  }
}

/** The answer that version 2 calls again with; it comes from the client, so nothing of its form is certain. */
function answerTo(context: McpCallContext, key: string): McpFormAnswer | undefined {
  const responses = context.mcpReq?.inputResponses
  const answer = responses !== undefined && Object.hasOwn(responses, key) ? responses[key] : undefined
  if (answer === undefined) return undefined
  const { action, content } = inputOf(answer)
  if (action === 'decline' || action === 'cancel') return { action }
  if (action === 'accept') return { action, content: inputOf(content) }
  throw new McpToolError({ code: 'MCP_ANSWER_INVALID', message: 'the answer is none to a form' })
}

/** An empty capability means forms: it is older than any other kind of elicitation. */
function canShowForms({ server }: McpAskingServer<never>, context: McpCallContext): boolean {
  const declared = context.mcpReq?.envelope?.['io.modelcontextprotocol/clientCapabilities']
  const { elicitation } = inputOf(declared ?? server.getClientCapabilities())
  if (typeof elicitation !== 'object' || elicitation === null) return false
  return 'form' in elicitation || Object.keys(elicitation).length === 0
}

/** Over HTTP the form goes out on the stream of the call that asks for it. */
function relatedTo({ requestId }: McpCallContext): { readonly relatedRequestId?: string | number } {
  return requestId === undefined ? {} : { relatedRequestId: requestId }
}

function unavailable(message: string, cause?: unknown): McpToolError {
  const error = { code: 'MCP_ELICITATION_UNAVAILABLE', message } as const
  return new McpToolError(cause === undefined ? error : { ...error, cause })
}

function needsPerson(tool: string): McpToolError {
  return new McpToolError({ code: 'MCP_NEEDS_PERSON', message: `a person must call ${tool}` })
}
