import type { SignIn } from '../../assemble-gateway.ts'
import { assembleGateway } from '../../assemble-gateway.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { untilAborted } from '../../until-aborted.ts'

/** The HTTP API, listening. */
export interface GatewayService extends Service {
  readonly address: string
  /** Who may sign in at first. */
  readonly signIn: SignIn
}

/** Serves the HTTP API. It listens from now on, so that its address is known; its requests end with `run`. */
export async function createGatewayService(context: ServerContext): Promise<GatewayService> {
  const { configuration } = context
  const gateway = await assembleGateway({ ...context, system: context })
  context.closeLater(() => gateway.close())
  context.closeLater(() => gateway.app.close())
  const address = await gateway.app.listen({ host: configuration.HOST, port: configuration.PORT })
  return {
    name: 'gateway',
    address,
    signIn: gateway.signIn,
    run: async (stopping, givingUp) => {
      const rotating = gateway.rotateKeys(stopping)
      await untilAborted(stopping)
      const cut = (): void => gateway.app.server.closeAllConnections()
      givingUp.addEventListener('abort', cut, { once: true })
      await Promise.all([gateway.app.close(), rotating])
      givingUp.removeEventListener('abort', cut)
    },
  }
}
