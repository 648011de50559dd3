import type { Logger, Tracer } from '@golden-arch/core/observability'
import { sleep } from '@golden-arch/core/time'
import type { SignIn } from './assemble-gateway.ts'
import { type Configuration, requireServable } from './configuration.ts'
import { type OpenedContext, openServerContext } from './open-server-context.ts'
import { RunningServices } from './running-services.ts'
import type { ServerContext } from './server-context.ts'
import type { ServerRole } from './server-role.ts'
import type { Service } from './service.ts'
import { SERVICE_MAKERS } from './service-makers.ts'
import type { GatewayService } from './services/gateway/gateway-service.ts'

/** A server that runs. */
export interface RunningServer {
  /** Undefined without the role of the gateway. */
  readonly address: string | undefined
  /** Who may sign in at first: without a password of the configuration, one made anew at each start. */
  readonly signIn: SignIn | undefined
  /** Where metrics and health are told without a sign-in; undefined without `METRICS_PORT`. */
  readonly watchAddress: string | undefined
  readonly roles: readonly ServerRole[]
  /** Rejects when a service ends that should not have; never resolves. */
  readonly failure: Promise<never>
  /**
   * Stops: it is not ready any more, lets running work end, within `SHUTDOWN_TIMEOUT_MS` in all, and closes what it
   * opened. Resolves with the roles whose work had to be left as it was.
   */
  stop(): Promise<readonly ServerRole[]>
}

/** Starts the services of the configured roles, and the relay of the outbox beside them. Without a tracer nothing is traced. */
export async function serve(
  configuration: Configuration,
  logger: Logger,
  tracer?: Tracer,
): Promise<RunningServer> {
  requireServable(configuration)
  const opened = await openServerContext(configuration, logger, tracer)
  try {
    return await serveWith(opened, configuration)
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** The same with what is open already; stopping closes it. */
export async function serveWith(opened: OpenedContext, configuration: Configuration): Promise<RunningServer> {
  const { context } = opened
  const services: Service[] = []
  for (const role of context.roles) {
    if (role !== 'gateway') services.push(await SERVICE_MAKERS[role](context))
  }
  const gateway = await createGateway(context)
  if (gateway !== undefined) services.push(gateway)
  for (const { isReady } of services) if (isReady !== undefined) context.health.addService(isReady)
  const running = new RunningServices(context, services)
  let stopped: Promise<readonly ServerRole[]> | undefined
  const stop = async (): Promise<readonly ServerRole[]> => {
    context.health.startStopping()
    if (configuration.SHUTDOWN_DELAY_MS > 0) await sleep(configuration.SHUTDOWN_DELAY_MS)
    const left = await running.stop(configuration.SHUTDOWN_TIMEOUT_MS)
    await opened.close()
    return left
  }
  return {
    address: gateway?.address,
    signIn: gateway?.signIn,
    watchAddress: context.watchAddress,
    roles: context.roles,
    failure: running.failure,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

async function createGateway(context: ServerContext): Promise<GatewayService | undefined> {
  if (!context.roles.includes('gateway')) return undefined
  const { createGatewayService } = await import('./services/gateway/gateway-service.ts')
  return await createGatewayService(context)
}
