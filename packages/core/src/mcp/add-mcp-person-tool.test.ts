import { MCP_HTTP_PEERS, MCP_PEERS, type McpForm, type McpOpening } from '@golden-arch/testkit/mcp'
import { describe, expect, it } from 'vitest'
import { addMcpPersonTool, type McpPersonTool, type McpPersonToolOptions } from './add-mcp-person-tool.ts'
import type { McpCaller } from './mcp-caller.ts'
import { objectSchema } from './mcp-json-schema.ts'
import type { McpAskingServer, McpCallContext, McpToolResult } from './mcp-tool-server.ts'

const ada: McpCaller = {
  tenantId: 'acme',
  actor: { id: 'ada', kind: 'human' },
  permissions: ['prompt:approve'],
}

/** A tool that asks whether to open something, and what it opened by whose word. */
function door(): { readonly opened: unknown[]; readonly tool: McpPersonTool } {
  const opened: unknown[] = []
  const tool: McpPersonTool = {
    name: 'open_door',
    title: 'Open a door',
    description: 'Asks the person whether to open a door.',
    inputSchema: objectSchema({ door: { type: 'string' } }),
    outputSchema: objectSchema({ outcome: { type: 'string' } }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    permission: 'prompt:approve',
    tells: [],
    question: async ({ door: which }) => ({
      id: `door ${which}`,
      form: {
        message: `Open the ${which} door?`,
        requestedSchema: {
          type: 'object',
          properties: { why: { type: 'string', title: 'Why', maxLength: 20 } },
          required: ['why'],
        },
      },
    }),
    settle: async ({ door: which }, { why }, { caller }) => {
      opened.push({ which, why, by: caller.actor.id })
      return { outcome: 'opened' }
    },
    undecided: () => ({ outcome: 'undecided' }),
  }
  return { opened, tool }
}

describe.each([...MCP_PEERS, ...MCP_HTTP_PEERS])('a tool of $name that asks a person', (peer) => {
  async function open(
    person: McpOpening['person'],
    options: Partial<McpPersonToolOptions<unknown>> = {},
  ): Promise<{ readonly opened: unknown[]; ask(): Promise<{ isError: boolean; text: string }> }> {
    const { opened, tool } = door()
    const client = await peer.open(
      (server, schema) => addMcpPersonTool(server, { caller: () => ada, ...options, schema }, tool),
      person === undefined ? {} : { person },
    )
    return {
      opened,
      ask: async () => {
        try {
          return await client.call('open_door', { door: 'red' })
        } finally {
          await client.close()
        }
      },
    }
  }

  it('shows the question, and does what the person says in the name of the caller', async () => {
    const forms: McpForm[] = []
    const { opened, ask } = await open((form) => {
      forms.push(form)
      return { action: 'accept', content: { why: 'it is hot' } }
    })
    expect(await ask()).toMatchObject({ isError: false, structured: { outcome: 'opened' } })
    expect(opened).toEqual([{ which: 'red', why: 'it is hot', by: 'ada' }])
    expect(forms).toMatchObject([
      { message: 'Open the red door?', requestedSchema: { properties: { why: { title: 'Why' } } } },
    ])
  })

  it('asks again where the question became another one while the person read', async () => {
    const { opened, tool } = door()
    let behind = 'nobody'
    const forms: McpForm[] = []
    const client = await peer.open(
      (server, schema) =>
        addMcpPersonTool(
          server,
          { caller: () => ada, schema },
          {
            ...tool,
            question: async (...given) => {
              const { id, form } = await tool.question(...given)
              return { id: `${id}, ${behind}`, form: { ...form, message: `Open? There is ${behind}.` } }
            },
          },
        ),
      {
        person: (form) => {
          forms.push(form)
          behind = 'a bear'
          return { action: 'accept', content: { why: `seen ${forms.length}` } }
        },
      },
    )
    await client.call('open_door', { door: 'red' })
    await client.close()
    expect(forms.map(({ message }) => message)).toEqual(['Open? There is nobody.', 'Open? There is a bear.'])
    expect(opened).toEqual([{ which: 'red', why: 'seen 2', by: 'ada' }])
  })

  it.each(['decline', 'cancel'] as const)('does nothing where the person answers by %s', async (action) => {
    const { opened, ask } = await open(() => ({ action }))
    expect(await ask()).toMatchObject({ isError: false, structured: { outcome: 'undecided' } })
    expect(opened).toEqual([])
  })

  it('does nothing where the client shows no forms', async () => {
    const { opened, ask } = await open(undefined)
    expect(await ask()).toMatchObject({
      isError: true,
      text: 'MCP_ELICITATION_UNAVAILABLE: the client cannot ask a person',
    })
    expect(opened).toEqual([])
  })

  it('does nothing for an agent, even one with the permission, and asks nobody', async () => {
    const agent = { ...ada, actor: { id: 'coder', kind: 'agent' } } as const
    const { opened, ask } = await open(() => expect.unreachable('a person was asked'), {
      caller: () => agent,
    })
    expect(await ask()).toMatchObject({
      isError: true,
      text: 'MCP_NEEDS_PERSON: a person must call open_door',
    })
    expect(opened).toEqual([])
  })

  it('does nothing where the form fails', async () => {
    const { opened, ask } = await open(() => Promise.reject(new Error('the window was closed')))
    const outcome = await ask().catch(() => ({ isError: true }))
    expect(outcome.isError).toBe(true)
    expect(opened).toEqual([])
  })
})

type Callback = (input: unknown, context: McpCallContext) => Promise<McpToolResult>

/** The tool as a server calls it, with a client that shows forms unless said otherwise. */
function callbackOf(
  tool: McpPersonTool,
  elicitInput: McpAskingServer<unknown>['server']['elicitInput'],
  capabilities: { readonly elicitation?: object | undefined } = { elicitation: {} },
): Callback {
  const callbacks: Callback[] = []
  const server: McpAskingServer<unknown> = {
    registerTool: (_name, _config, callback) => callbacks.push(callback),
    server: { getClientCapabilities: () => capabilities, elicitInput },
  }
  addMcpPersonTool(server, { caller: () => ada, schema: (schema) => schema, answerTimeoutMs: 5000 }, tool)
  const [callback] = callbacks
  if (callback === undefined) throw new Error('nothing was registered')
  return callback
}

describe('a tool that asks a person', () => {
  const signal = new AbortController().signal
  const nobody = () => Promise.reject(new Error('not asked'))

  it('waits for the person as long as it is told to, on the stream of the call', async () => {
    const { tool } = door()
    let asked: unknown
    const callback = callbackOf(tool, async (_form, options) => {
      asked = options
      return { action: 'cancel' }
    })
    await callback({ door: 'red' }, { signal, requestId: 7 })
    expect(asked).toEqual({ signal, timeout: 5000, relatedRequestId: 7 })
  })

  it('says that nobody answered where the wait ends in an error', async () => {
    const { tool, opened } = door()
    const callback = callbackOf(tool, () => Promise.reject(new Error('timed out')))
    expect(await callback({ door: 'red' }, { signal })).toMatchObject({
      isError: true,
      content: [{ text: 'MCP_ELICITATION_UNAVAILABLE: the client gave no answer to the form' }],
    })
    expect(opened).toEqual([])
  })

  it('asks again where the answer is one to another question', async () => {
    const { tool, opened } = door()
    const inputResponses = { 'door blue': { action: 'accept', content: { why: 'blue' } } }
    const callback = callbackOf(tool, nobody)
    expect(await callback({ door: 'red' }, { mcpReq: { signal, inputResponses } })).toMatchObject({
      resultType: 'input_required',
      inputRequests: { 'door red': { method: 'elicitation/create' } },
    })
    expect(opened).toEqual([])
  })

  it.each([['yes'], [7], [[]], [{}], [{ action: 'yes' }], [{ content: { why: 'x' } }]])(
    'takes %j for no answer',
    async (answer) => {
      const { tool, opened } = door()
      const callback = callbackOf(tool, nobody)
      const inputResponses = { 'door red': answer }
      expect(await callback({ door: 'red' }, { mcpReq: { signal, inputResponses } })).toMatchObject({
        isError: true,
        content: [{ text: 'MCP_ANSWER_INVALID: the answer is none to a form' }],
      })
      expect(opened).toEqual([])
    },
  )

  it.each([
    [undefined, false],
    [{ url: {} }, false],
    [{}, true],
    [{ form: {}, url: {} }, true],
  ])('with a client that declares %j for elicitation asks: %s', async (elicitation, asks) => {
    const { tool } = door()
    const callback = callbackOf(tool, nobody, { elicitation })
    const { isError = false } = await callback({ door: 'red' }, { mcpReq: { signal } })
    expect(isError).toBe(!asks)
  })

  it('takes no answer from a client that shows no forms', async () => {
    const { tool, opened } = door()
    const inputResponses = { 'door red': { action: 'accept', content: { why: 'x' } } }
    const callback = callbackOf(tool, nobody, {})
    expect(await callback({ door: 'red' }, { mcpReq: { signal, inputResponses } })).toMatchObject({
      isError: true,
      content: [{ text: 'MCP_ELICITATION_UNAVAILABLE: the client cannot ask a person' }],
    })
    expect(opened).toEqual([])
  })

  it('believes what the call itself declares before what the session did', async () => {
    const { tool } = door()
    const callback = callbackOf(tool, nobody, { elicitation: { form: {} } })
    const envelope = { 'io.modelcontextprotocol/clientCapabilities': {} }
    expect(await callback({ door: 'red' }, { mcpReq: { signal, envelope } })).toMatchObject({ isError: true })
  })

  it.each([0, 999, 86_400_001, Number.NaN])('refuses to wait %d ms', (answerTimeoutMs) => {
    const server: McpAskingServer<unknown> = {
      registerTool: () => undefined,
      server: { getClientCapabilities: () => undefined, elicitInput: nobody },
    }
    const options = { caller: () => ada, schema: (schema: unknown) => schema, answerTimeoutMs }
    expect(() => addMcpPersonTool(server, options, door().tool)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option: 'answerTimeoutMs' }) }),
    )
  })
})
