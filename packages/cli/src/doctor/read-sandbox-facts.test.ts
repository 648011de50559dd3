import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { readSandboxFacts } from './read-sandbox-facts.ts'

/** What is told of a Docker engine that answers so. */
async function engineThat(answers: RequestListener, scheme = 'tcp') {
  const server = createServer(answers)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    // Of a server that listens on a port.
    const { port } = server.address() as AddressInfo
    return (await readSandboxFacts({ DOCKER_HOST: `${scheme}://127.0.0.1:${port}` })).docker
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test.each(['tcp', 'http'])('an engine at %s:// is asked for what it is', async (scheme) => {
  const asked: string[] = []
  const docker = await engineThat(({ method, url }, answer) => {
    asked.push(`${method} ${url}`)
    answer.end('{ "ServerVersion": "27.1.0", "Runtimes": { "runc": {}, "runsc": {} } }')
  }, scheme)
  expect(docker).toEqual({ version: '27.1.0', runtimes: ['runc', 'runsc'] })
  expect(asked).toEqual(['GET /info'])
})

test.each([
  ['no ways', '{ "ServerVersion": "27.1.0" }', { version: '27.1.0', runtimes: [] }],
  ['null for ways', '{ "ServerVersion": "27.1.0", "Runtimes": null }', { version: '27.1.0', runtimes: [] }],
  ['no version', '{ "message": "no" }', { absent: 'no engine' }],
  ['null', 'null', { absent: 'no engine' }],
  ['a text', '"27.1.0"', { absent: 'no engine' }],
  ['a page', '<html>', { absent: expect.stringContaining('JSON') }],
  ['more than a mebibyte', ' '.repeat(1_048_577), { absent: 'the answer is too long' }],
])('an engine that answers with %s', async (_, text, told) => {
  expect(await engineThat((_, answer) => answer.end(text))).toEqual(told)
})

test('an engine that breaks off is told so', async () => {
  const docker = await engineThat((_, answer) => {
    answer.writeHead(200, { 'content-length': '100' })
    answer.write('{ "ServerVersion": "27', () => answer.destroy())
  })
  expect(docker).toEqual({ absent: 'aborted' })
})

test.each([
  ['ssh://nowhere', 'ssh:// cannot be asked from here'],
  ['unix:///nowhere.sock', 'connect ENOENT /nowhere.sock'],
  ['tcp://127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
  // A machine without IPv6 says so, of this address.
  ['tcp://[::1]:1', expect.stringMatching(/^connect \w+ ::1:1\b/)],
  ['nowhere', 'Invalid URL'],
])('DOCKER_HOST %s: %s', async (host, absent) => {
  expect((await readSandboxFacts({ DOCKER_HOST: host })).docker).toEqual({ absent })
})
