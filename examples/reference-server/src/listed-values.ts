import { HUMAN_ROLES, type HumanRole, trustProxies } from '@golden-arch/core/security'
import type { z } from 'zod'
import { SERVER_ROLES, type ServerRole } from './server-role.ts'

const MAX_CALLS_PER_MINUTE = 100_000

/** The origins of a text with commas between them, as browsers send them; an issue for each that is none. */
export function originsOf(text: string, context: z.RefinementCtx<string>): readonly string[] {
  const origins = listOf(text)
  for (const origin of origins) {
    if (origin === '*' ? origins.length > 1 : !isOrigin(origin)) {
      context.addIssue({ code: 'custom', message: 'must be exact origins, https://host:port, or * alone' })
    }
  }
  return origins
}

/** The calls a minute by role of a text such as `developer=60,observer=40`. */
export function rateLimitsOf(
  text: string,
  context: z.RefinementCtx<string>,
): Readonly<Partial<Record<HumanRole, number>>> {
  const limits: Partial<Record<HumanRole, number>> = {}
  for (const item of listOf(text)) {
    const [name, calls] = item.split('=', 2)
    const role = HUMAN_ROLES.find((one) => one === name?.trim())
    const number = /^\d{1,6}$/.test(calls?.trim() ?? '') ? Number(calls) : 0
    if (role === undefined || number < 1 || number > MAX_CALLS_PER_MINUTE || limits[role] !== undefined) {
      context.addIssue({
        code: 'custom',
        message: `must be role=calls once for a role, the role one of ${HUMAN_ROLES.join(', ')}`,
      })
    } else limits[role] = number
  }
  return limits
}

/** The roles of a process that a text names, with commas; all where it names none. */
export function rolesOf(text: string, context: z.RefinementCtx<string>): readonly ServerRole[] {
  const names = listOf(text)
  const isRole = (name: string): boolean => SERVER_ROLES.some((role) => role === name)
  if (!names.every(isRole)) {
    context.addIssue({ code: 'custom', message: `must be of ${SERVER_ROLES.join(', ')}, with commas` })
  }
  return names.length === 0 ? SERVER_ROLES : SERVER_ROLES.filter((role) => names.includes(role))
}

/** The networks of a text with commas between them. */
export function proxiesOf(text: string, context: z.RefinementCtx<string>): readonly string[] {
  const networks = listOf(text)
  try {
    trustProxies(networks)
  } catch {
    context.addIssue({ code: 'custom', message: 'must be addresses or networks, such as 10.0.0.0/8' })
  }
  return networks
}

/** The items of a text with commas between them. */
function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text && !text.includes('*')
}
