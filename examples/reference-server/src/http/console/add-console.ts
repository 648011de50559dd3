import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { pagePolicy } from './page-policy.ts'

const BUILT = join(import.meta.dirname, '../../../console/dist')
const NONCE_PLACE = '__CSP_NONCE__'
const NONCE_BYTES = 16
const DAY_SECONDS = 24 * 60 * 60
const YEAR_SECONDS = 365 * DAY_SECONDS
const OPEN = { config: { public: true, isPartOfPage: true }, schema: { hide: true } } as const
/** A name with a dot beside the page is that of a file; deeper down it is the id of something, which a page shows. */
const FILE_NAME = /^[^/]*\.[a-z0-9]+$/i
const ASSET_NAME = /^\w[\w.-]*$/

/** Where the console comes from. */
export interface ConsoleOptions {
  /** The folder that it was built into. Default the one of `npm run console:build`. */
  readonly folder?: string
}

/**
 * Adds `GET /console`: the ops console, for people with a browser. It holds no data itself and signs in by the API as
 * everybody does. Where it was not built, its pages are answered 503 with how to build it.
 */
export async function addConsole(
  app: FastifyInstance,
  { folder = BUILT }: ConsoleOptions = {},
): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true })
  const sendPage = async (reply: FastifyReply): Promise<FastifyReply> => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    const page = await readPage(folder)
    return reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(page.replaceAll(NONCE_PLACE, nonce))
  }
  app.get('/console', OPEN, (_request, reply) => reply.redirect('/console/', 308))
  app.get('/console/icon.svg', OPEN, async (_request, reply) => {
    await readPage(folder)
    return reply.sendFile('icon.svg', { maxAge: DAY_SECONDS * 1000 })
  })
  app.get<{ Params: { '*': string } }>('/console/*', OPEN, (request, reply) => {
    const path = request.params['*']
    if (FILE_NAME.test(path) || path.startsWith('assets')) {
      throw new HttpError(404, 'NOT_FOUND', 'the console has no such file')
    }
    return sendPage(reply)
  })
  app.get<{ Params: { name: string } }>('/console/assets/:name', OPEN, async (request, reply) => {
    const { name } = request.params
    const isThere = ASSET_NAME.test(name) && (await exists(join(folder, 'assets', name)))
    if (!isThere) throw new HttpError(404, 'NOT_FOUND', 'the console has no such file')
    // Each is named by a hash of what is in it.
    return reply.sendFile(`assets/${name}`, { maxAge: YEAR_SECONDS * 1000, immutable: true })
  })
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

async function readPage(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'index.html'), 'utf8')
  } catch {
    throw new HttpError(
      503,
      'CONSOLE_NOT_BUILT',
      'the console was not built: npm run console:build --workspace @golden-arch/reference-server',
    )
  }
}
