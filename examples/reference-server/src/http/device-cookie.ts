import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'golden-device'
const YEAR_SECONDS = 365 * 24 * 60 * 60
const PATH = '/api/v1/auth/login'

/** What an earlier sign-in of this client left with it; undefined without it. */
export function deviceOf(request: FastifyRequest): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const value = pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1)
  return value !== undefined && /^[\w-]{1,256}$/.test(value) ? value : undefined
}

/** Leaves `device` with the client: in a cookie that scripts cannot read, and that is sent with sign-ins alone. */
export function keepDevice(reply: FastifyReply, device: string, isSecure: boolean): void {
  const attributes = `Max-Age=${YEAR_SECONDS}; Path=${PATH}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  void reply.header('set-cookie', `${NAME}=${device}; ${attributes}`)
}
