import { MCP_HTTP_PEERS, MCP_PEERS } from '@golden-arch/testkit/mcp'
import { describe, expect, it } from 'vitest'
import { GoldenError } from '../errors/index.ts'
import { RecordingLogger } from '../observability/testing/index.ts'
import { addMcpTool, type McpTool } from './add-mcp-tool.ts'
import type { McpCaller, McpRequest } from './mcp-caller.ts'
import { objectSchema } from './mcp-json-schema.ts'
import type { McpToolOptions } from './mcp-tool-options.ts'

const ada: McpCaller = {
  tenantId: 'acme',
  actor: { id: 'ada', kind: 'human' },
  permissions: ['task:read', 'task:create'],
}

/** A tool that tells who called it with what. */
const echo: McpTool = {
  name: 'echo',
  title: 'Echo',
  description: 'Says it again.',
  inputSchema: objectSchema({
    word: { type: 'string', minLength: 1, maxLength: 10, description: 'What to say.' },
  }),
  outputSchema: objectSchema({ word: { type: 'string' }, tenant: { type: 'string' } }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  permission: 'task:read',
  tells: ['BUDGET_NOT_FOUND'],
  run: async ({ word }, { caller }) => ({ word, tenant: caller.tenantId }),
}

describe.each([...MCP_PEERS, ...MCP_HTTP_PEERS])('a tool of $name', (peer) => {
  const open = (
    tool: Partial<McpTool> = {},
    options: Partial<McpToolOptions<unknown>> = {},
    clientId?: string,
  ) =>
    peer.open(
      (server, schema) => addMcpTool(server, { caller: () => ada, ...options, schema }, { ...echo, ...tool }),
      clientId === undefined ? {} : { clientId },
    )

  it('is listed with both of its schemas and its annotations, and answers as it says', async () => {
    const { properties = {} } = echo.inputSchema
    const inputSchema = objectSchema({ ...properties, loud: { type: 'boolean' } }, ['loud'])
    const client = await open({ inputSchema })
    const [listed] = await client.tools()
    expect(listed).toMatchObject({
      name: 'echo',
      inputSchema: {
        properties: { word: { type: 'string', minLength: 1, maxLength: 10, description: 'What to say.' } },
        required: ['word'],
        additionalProperties: false,
      },
      outputSchema: { required: ['word', 'tenant'] },
      annotations: echo.annotations,
    })
    const answer = { word: 'hello', tenant: 'acme' }
    expect(await client.call('echo', { word: 'hello' })).toEqual({
      isError: false,
      text: JSON.stringify(answer),
      structured: answer,
    })
    await client.close()
  })

  it.each([{}, { word: '' }, { word: 7 }, { word: 'x'.repeat(11) }, { word: 'x', tenantId: 'globex' }])(
    'is not run with the input %j',
    async (input) => {
      const client = await open({ run: () => Promise.reject(new Error('it ran')) })
      const { isError, text } = await client.call('echo', input)
      expect(isError).toBe(true)
      expect(text).toContain('Invalid arguments for tool echo')
      await client.close()
    },
  )

  it('tells the code and message of an error that it may tell, and of any other the code alone', async () => {
    const logger = new RecordingLogger()
    const failures = [
      new GoldenError({ code: 'BUDGET_NOT_FOUND', message: 'no limit covers the scope' }),
      new GoldenError({ code: 'CONNECTION_LOST', message: 'connection to 10.0.0.7 lost' }),
      new TypeError('secret is undefined at /app/pay.ts'),
      new GoldenError({ code: 'BUDGET_NOT_FOUND', message: 'no such limit', cause: new Error('no row') }),
    ]
    const client = await open(
      {
        run: async ({ word }) => {
          throw failures[Number(word)]
        },
      },
      { logger },
    )
    expect(await client.call('echo', { word: '0' })).toMatchObject({
      isError: true,
      text: 'BUDGET_NOT_FOUND: no limit covers the scope',
    })
    expect(logger.lines).toEqual([])
    expect(await client.call('echo', { word: '1' })).toMatchObject({
      isError: true,
      text: 'CONNECTION_LOST: it could not be carried out',
    })
    expect(await client.call('echo', { word: '2' })).toMatchObject({
      isError: true,
      text: 'INTERNAL_ERROR: it could not be carried out',
    })
    // The cause of what is told stays here.
    expect(await client.call('echo', { word: '3' })).toMatchObject({
      text: 'BUDGET_NOT_FOUND: no such limit',
    })
    expect(logger.lines).toMatchObject(
      failures.slice(1).map((err) => ({
        level: 'error',
        message: 'mcp tool failed',
        fields: { tool: 'echo', err },
      })),
    )
    await client.close()
  })

  it.each<[string, McpToolOptions<unknown>['caller'], string]>([
    ['nobody is known to make', () => undefined, 'MCP_CALLER_UNKNOWN: it is not known who asks'],
    [
      'the application fails to place',
      () => Promise.reject(new Error('directory at 10.0.0.9 is down')),
      'MCP_CALLER_UNKNOWN: it is not known who asks',
    ],
    [
      'comes without a tenant',
      () => ({ ...ada, tenantId: '' }),
      'MCP_CALLER_UNKNOWN: it is not known who asks',
    ],
    [
      'comes from one who may do other things',
      async () => ({ ...ada, permissions: ['task:create'] }),
      'MCP_PERMISSION_DENIED: the tool echo needs the permission task:read',
    ],
  ])('refuses a call that %s', async (_title, caller, text) => {
    const client = await open({ run: () => Promise.reject(new Error('it ran')) }, { caller })
    expect(await client.call('echo', { word: 'x' })).toMatchObject({ isError: true, text })
    await client.close()
  })

  it.runIf(peer.carriesClientId)('is called for whom the server’s authentication names', async () => {
    const requests: McpRequest[] = []
    const caller = (request: McpRequest) => {
      requests.push(request)
      return { ...ada, tenantId: request.authInfo?.clientId ?? 'nobody' }
    }
    const client = await open({}, { caller }, 'globex')
    expect(await client.call('echo', { word: 'x' })).toMatchObject({ structured: { tenant: 'globex' } })
    expect(requests).toMatchObject([{ tool: 'echo', authInfo: { clientId: 'globex' } }])
    await client.close()
  })

  it('hears that the client calls it off', async () => {
    const started = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<unknown>()
    const client = await open({
      run: async (_input, { signal }) => {
        signal.addEventListener('abort', () => ended.resolve(signal.reason))
        started.resolve()
        return ended.promise.then(() => ({}))
      },
    })
    const caller = new AbortController()
    const call = client.call('echo', { word: 'x' }, caller.signal)
    const failure = call.catch((error: unknown) => error)
    await started.promise
    caller.abort()
    await ended.promise
    expect(await failure).toBeInstanceOf(Error)
    await client.close()
  })
})

it.each([
  [{ caller: undefined }, 'caller'],
  [{ schema: 'zod' }, 'schema'],
])('refuses the options %j', (bad, option) => {
  const server = { registerTool: () => undefined }
  // They are wrong on purpose.
  const options = { caller: () => ada, schema: String, ...bad } as unknown as McpToolOptions<unknown>
  expect(() => addMcpTool(server, options, echo)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option }) }),
  )
})
