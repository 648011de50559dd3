import { BlockList, isIP } from 'node:net'
import type { z } from 'zod'
import type { ENVIRONMENT_SCHEMA } from './environment-schema.ts'
import { SERVER_ROLES } from './server-role.ts'

/** What the environment says; the configuration itself is read with these rules. */
type Told = z.infer<typeof ENVIRONMENT_SCHEMA>

/** What access tokens may be signed by: one of them at most. */
export const SIGNING_VARIABLES = ['KEY_ENCRYPTION_KEY', 'JWT_PRIVATE_KEY', 'JWT_SECRET'] as const

/** What {@link servingProblems} looks at, as it is read or as it was given. */
export interface ServingVariables
  extends Partial<Record<(typeof SIGNING_VARIABLES)[number], string | undefined>> {
  readonly HOST: string
  readonly DATABASE_URL?: string | undefined
  readonly REDIS_URL?: string | undefined
  readonly MODEL_BASE_URL?: string | undefined
  readonly ADMIN_PASSWORD?: string | undefined
  readonly SANDBOX_BACKEND?: string | undefined
  readonly ROLES?: string | readonly string[] | undefined
  readonly AGENT_TOOLS?: string | readonly string[] | undefined
  readonly RATE_LIMIT_INSTANCES?: string | number | undefined
  readonly AUDIT_CHECKPOINT_PATH?: string | undefined
  readonly AUDIT_SIGNING_KEY?: string | undefined
}

/** Why a process may not serve as it is told, beside what makes its configuration wrong for every use. */
export function servingProblems(variables: ServingVariables): readonly string[] {
  const named = listed(variables.ROLES)
  const roles: ReadonlySet<string> = new Set(named.length === 0 ? SERVER_ROLES : named)
  const isOneOfMany = roles.size < SERVER_ROLES.length
  return [
    ...(roles.has('gateway') ? missingSecrets(variables) : []),
    ...(roles.has('gateway') ? countingApart(variables, isOneOfMany) : []),
    ...(roles.has('agent-runtime') ? recordedAnswers(variables) : []),
    ...(roles.has('agent-runtime') && isOneOfMany ? codeBesideKeys(variables) : []),
    ...(roles.has('supervisor') ? unsignedCheckpoints(variables) : []),
  ]
}

/** Whether models answer from the recording of the demo: as the configuration says, or without a word where nothing is shared. */
export function answersFromRecording({
  MODEL_BASE_URL: model,
  DATABASE_URL: database,
}: Pick<Told, 'MODEL_BASE_URL' | 'DATABASE_URL'>): boolean {
  return model === 'scripted' || (model === undefined && database === undefined)
}

/** Whether the server makes secrets of its own, for this start alone. */
export function isDemo(configuration: Told): boolean {
  return !hasOwnKey(configuration) || configuration.ADMIN_PASSWORD === undefined
}

/** A secret that this program makes serves nobody but whoever started it. */
function missingSecrets(variables: ServingVariables): readonly string[] {
  const { HOST, DATABASE_URL, ADMIN_PASSWORD } = variables
  const reasons = [
    ...(isLoopback(HOST) ? [] : ['HOST is reached by other machines']),
    ...(DATABASE_URL === undefined ? [] : ['DATABASE_URL is no demo']),
  ]
  if (reasons.length === 0) return []
  return [
    ...(hasOwnKey(variables)
      ? []
      : [`KEY_ENCRYPTION_KEY, JWT_PRIVATE_KEY or JWT_SECRET: needed, as ${reasons.join(' and ')}`]),
    ...(ADMIN_PASSWORD === undefined ? [`ADMIN_PASSWORD: needed, as ${reasons.join(' and ')}`] : []),
  ]
}

/** Gateways that count alone grant each caller the limit, and each who guesses a password his tries, as often as there are gateways. */
function countingApart(
  { REDIS_URL, RATE_LIMIT_INSTANCES: instances }: ServingVariables,
  isOneOfMany: boolean,
): readonly string[] {
  if (REDIS_URL !== undefined) return []
  if (instances === undefined ? !isOneOfMany : Number(instances) <= 1) return []
  return [
    'REDIS_URL: needed, as gateways count calls and tries to sign in together; RATE_LIMIT_INSTANCES=1 says that there is one',
  ]
}

function recordedAnswers({ DATABASE_URL, MODEL_BASE_URL }: ServingVariables): readonly string[] {
  if (DATABASE_URL === undefined || MODEL_BASE_URL !== undefined) return []
  return [
    'MODEL_BASE_URL: needed, as DATABASE_URL is no demo; MODEL_BASE_URL=scripted answers the tasks of the demo alone, from a recording',
  ]
}

/** Where the services are apart, the sandbox executor is kept from keys and networks, and the agent runtime has both. */
function codeBesideKeys({ AGENT_TOOLS, SANDBOX_BACKEND }: ServingVariables): readonly string[] {
  if (!listed(AGENT_TOOLS).includes('run_code') || SANDBOX_BACKEND === 'docker-gvisor') return []
  return [
    'AGENT_TOOLS: with ROLES, run_code needs SANDBOX_BACKEND=docker-gvisor, as it runs code of models beside the keys of the agent runtime',
  ]
}

/** Asked of what serves alone: a command in the pod of a gateway is told no role, and has the public keys. */
function unsignedCheckpoints({
  AUDIT_CHECKPOINT_PATH: path,
  AUDIT_SIGNING_KEY: key,
}: ServingVariables): readonly string[] {
  if (path === undefined || key !== undefined) return []
  return ['AUDIT_SIGNING_KEY: needed with AUDIT_CHECKPOINT_PATH, as the supervisor writes the checkpoints']
}

function listed(value: string | readonly string[] | undefined): readonly string[] {
  const parts = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : (value ?? [])
  return parts.filter((part) => part !== '')
}

function hasOwnKey(variables: Pick<ServingVariables, (typeof SIGNING_VARIABLES)[number]>): boolean {
  return SIGNING_VARIABLES.some((name) => variables[name] !== undefined)
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const family = isIP(host)
  return family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4')
}
