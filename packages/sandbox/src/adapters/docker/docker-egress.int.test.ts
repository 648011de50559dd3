import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { METRICS } from '@golden-arch/core/observability'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { describeWithService, dockerImage } from '@golden-arch/testkit'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EgressOptions } from '../../egress/egress-options.ts'
import { runProgram } from '../../testing/run-program.ts'
import { DockerBackend } from './docker-backend.ts'

const ENGINE_LIMIT_MS = 240_000
const TEST_LIMIT_MS = 240_000
const PATIENT = { timeoutMs: 60_000 }
const MANY_BYTES = 2_000_000

/** Programs that write what they got, or `refused`. */
const PROGRAMS = {
  python: {
    get: (url: string) => `import urllib.request
try: print(urllib.request.urlopen('${url}').read().decode())
except Exception as error: print('refused', error)`,
    post: (url: string) => `import urllib.request
print(urllib.request.urlopen('${url}', data=b'x' * ${MANY_BYTES}).read().decode())`,
    large: (url: string) => `import urllib.request
print(len(urllib.request.urlopen('${url}').read()))`,
  },
  javascript: {
    get: (url: string) =>
      `fetch('${url}').then(async (r) => console.log(r.ok ? await r.text() : 'refused'), () => console.log('refused'))`,
    post: (url: string) =>
      `fetch('${url}', { method: 'POST', body: 'x'.repeat(${MANY_BYTES}) }).then((r) => r.text()).then(console.log)`,
    large: (url: string) => `fetch('${url}').then((r) => r.text()).then((t) => console.log(t.length))`,
  },
} as const

describeWithService('docker', 'egress through the Docker backend', (address) => {
  const docker = new Docker({ socketPath: new URL(address).pathname })
  const images = { python: { image: '' }, javascript: { image: '' } }
  const metrics = new RecordingMetrics()
  let server: Server
  let port = 0
  let asked = 0
  beforeAll(async () => {
    images.python.image = await dockerImage(address, 'python')
    images.javascript.image = await dockerImage(address, 'node')
    server = createServer((request, response) => {
      asked++
      let bytes = 0
      request.on('data', (part: Buffer) => {
        bytes += part.length
      })
      request.on('end', () =>
        response.end(request.url === '/large' ? Buffer.alloc(MANY_BYTES) : `got ${bytes}`),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // Safe: a server on a port has such an address.
    port = (server.address() as AddressInfo).port
  }, ENGINE_LIMIT_MS)
  afterAll(() => server.close())

  for (const runtime of ['runc', 'runsc'] as const) {
    const create = (language: 'python' | 'javascript', egress: Partial<EgressOptions> = {}): DockerBackend =>
      new DockerBackend({
        docker,
        runtime,
        metrics,
        startTimeoutMs: ENGINE_LIMIT_MS,
        images: { [language]: images[language] },
        egress: {
          allow: [`allowed.test:${port}`, `rebound.test:${port}`],
          allowPrivateAddresses: true,
          resolve: async () => ['127.0.0.1'],
          ...egress,
        },
      })

    for (const language of ['python', 'javascript'] as const) {
      describe(`with ${runtime} and ${language}`, () => {
        const say = PROGRAMS[language]
        let backend: DockerBackend
        beforeAll(async () => {
          backend = create(language)
          await backend.prepare()
        }, ENGINE_LIMIT_MS)
        afterAll(() => backend.close())
        const run = (code: string): ReturnType<typeof runProgram> =>
          runProgram(backend, code, PATIENT, new AbortController().signal, { language })

        it('reaches an allowed host, and says that it could', async () => {
          const outcome = await run(say.get(`http://allowed.test:${port}/`))
          expect(outcome).toMatchObject({ status: 'completed', stdout: 'got 0\n' })
          const labels = { backend: backend.id, decision: 'allowed' }
          expect(metrics.counterValue(METRICS.sandboxEgressConnections.name, labels)).toBeGreaterThanOrEqual(
            1,
          )
          expect(outcome.place?.rules.egress).toContain(`allowed.test:${port}`)
          expect(backend.stats.egressAllowed).toBeGreaterThanOrEqual(1)
        })

        it('carries much in both directions', async () => {
          expect((await run(say.post(`http://allowed.test:${port}/`))).stdout).toBe(`got ${MANY_BYTES}\n`)
          expect((await run(say.large(`http://allowed.test:${port}/large`))).stdout).toBe(`${MANY_BYTES}\n`)
        })

        it('reaches nothing else', async () => {
          const askedBefore = asked
          const hosts = ['other.test', '169.254.169.254', '10.0.0.1', 'localhost.test']
          const outcome = await run(hosts.map((host) => say.get(`http://${host}:${port}/`)).join('\n'))
          expect(outcome.stdout).toMatch(/^(refused.*\n){4}$/)
          expect(asked).toBe(askedBefore)
        })
      })
    }

    describe(`with ${runtime} and a program that means harm`, () => {
      const withBackend = async (
        egress: Partial<EgressOptions>,
        use: (run: (code: string) => ReturnType<typeof runProgram>, backend: DockerBackend) => Promise<void>,
      ): Promise<void> => {
        const backend = create('python', egress)
        try {
          await use((code) => {
            const never = new AbortController().signal
            return runProgram(backend, code, PATIENT, never, { language: 'python' })
          }, backend)
        } finally {
          await backend.close()
        }
      }

      it(
        'refuses an allowed name that leads to this machine, without the option that is for tests',
        () =>
          withBackend({ allowPrivateAddresses: false }, async (run) => {
            const askedBefore = asked
            const { stdout } = await run(PROGRAMS.python.get(`http://rebound.test:${port}/`))
            expect(stdout).toMatch(/^refused/)
            expect(asked).toBe(askedBefore)
          }),
        TEST_LIMIT_MS,
      )

      it(
        'has no other way out than the relay',
        () =>
          withBackend({}, async (run) => {
            const { stdout } = await run(`import socket
for host, port in (('127.0.0.1', ${port}), ('192.0.2.1', ${port}), ('169.254.169.254', 80)):
    try: print('GOT', socket.create_connection((host, port), 2))
    except OSError: print('contained')`)
            expect(stdout).toBe('contained\n'.repeat(3))
          }),
        TEST_LIMIT_MS,
      )

      it(
        'loses its way out by nonsense in place of frames, and nothing else',
        () =>
          withBackend({}, async (run) => {
            const outcome = await run(`import os, urllib.request
mine = os.getpid()
for pid in (each for each in os.listdir('/proc') if each.isdigit() and int(each) not in (1, mine)):
    try:
        out = os.open('/proc/%s/fd/1' % pid, os.O_WRONLY)
        os.write(out, b'nonsense' * 1000)
    except OSError:
        os.kill(int(pid), 9)
try: print(urllib.request.urlopen('http://allowed.test:${port}/', timeout=20).read())
except Exception: print('refused')`)
            expect(outcome).toMatchObject({ status: 'completed', stdout: 'refused\n' })
            expect((await run(PROGRAMS.python.get(`http://allowed.test:${port}/`))).stdout).toBe('got 0\n')
          }),
        TEST_LIMIT_MS,
      )

      it(
        'opens no more connections than it may, and the host goes on',
        () =>
          withBackend({ maxConnections: 4 }, async (run, backend) => {
            const outcome = await run(`import socket
kept = []
for _ in range(400):
    s = socket.create_connection(('127.0.0.1', 3128), 20)
    kept = (kept + [s])[-40:]
print('done')`)
            expect(outcome).toMatchObject({ status: 'completed', stdout: 'done\n' })
            expect(backend.stats.egressAllowed).toBe(0)
            expect((await run(PROGRAMS.python.get(`http://allowed.test:${port}/`))).stdout).toBe('got 0\n')
          }),
        TEST_LIMIT_MS,
      )

      it(
        'is cut off at its number of bytes',
        () =>
          withBackend({ maxBytes: 100_000 }, async (run) => {
            const { stdout } = await run(`import urllib.request
try: print('GOT', len(urllib.request.urlopen('http://allowed.test:${port}/large', timeout=20).read()))
except Exception: print('cut off')`)
            expect(stdout).toBe('cut off\n')
          }),
        TEST_LIMIT_MS,
      )
    })
  }
})
