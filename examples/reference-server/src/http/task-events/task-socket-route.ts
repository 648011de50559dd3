import websocket from '@fastify/websocket'
import type { Logger } from '@golden-arch/core/observability'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import '../access/route-access.ts'
import { HttpError } from '../http-error.ts'
import { NO_CONTENT, routeSchema } from '../route-schema.ts'
import { CLOSE_CODES } from './socket-messages.ts'
import { TaskSocket, type TaskSocketOptions } from './task-socket.ts'

/** Where sockets are opened. */
export const SOCKET_PATH = '/api/v1/ws'
/** What a client that may set no headers offers beside `bearer.` and its token. */
const PROTOCOL = 'golden-arch'
const TOKEN_PREFIX = 'bearer.'
const MAX_MESSAGE_BYTES = 16 * 1024
/** How long a client that is told to go may take to say so. */
const CLOSE_TIMEOUT_MS = 2000

const SERVER_OPTIONS = {
  maxPayload: MAX_MESSAGE_BYTES,
  perMessageDeflate: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // A token that was offered must not come back as the one that was chosen.
  handleProtocols: (offered: ReadonlySet<string>): string | false => offered.has(PROTOCOL) && PROTOCOL,
}

const schema = routeSchema({
  summary: 'Opens a WebSocket for the events of tasks; its first message brings a token with task:read',
  description:
    'The token comes in the first message, `{"type":"authenticate","token":"..."}`, or as the subprotocol `bearer.<token>` beside `golden-arch`. Then `{"type":"subscribe"}` for all tasks that the caller may see, from now on, or with a `task_id` for one from its creation on; with the `cursor` of an earlier event in `after`, from behind that one: none is missed. Closed with 4000 after ten minutes, 4400 for a message that is none, 4401 without a good token, 4403 without the permission, 4408 for a client that takes nothing, 4429 for too much at once, 1001 or 1013 where another server or a later try may do.',
  tags: ['tasks'],
  response: { 101: NO_CONTENT, errors: [426] },
})

/** Adds `GET /api/v1/ws`. */
export async function addTaskSocketRoute(
  app: FastifyInstance,
  options: TaskSocketOptions & { readonly logger: Logger },
): Promise<void> {
  const { logger } = options
  await app.register(websocket, {
    options: SERVER_OPTIONS,
    errorHandler: (error, socket) => {
      logger.debug({ err: error }, 'socket failed')
      socket.terminate()
    },
    preClose: async () => {
      for (const client of app.websocketServer.clients) client.close(CLOSE_CODES.stopping, 'the server stops')
    },
  })
  app.route({
    method: 'GET',
    url: SOCKET_PATH,
    config: { public: true, isOpenedByBrowsers: true },
    exposeHeadRoute: false,
    schema,
    handler: async (_request, reply) => {
      void reply.header('upgrade', 'websocket').header('connection', 'close')
      throw new HttpError(426, 'UPGRADE_REQUIRED', 'this route takes WebSocket connections alone')
    },
    wsHandler: (socket, request) => new TaskSocket(socket, request.id, options).start(tokenOf(request)),
  })
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return offered.find((one) => one.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length)
}
