import { pino } from 'pino'
import { readConfiguration } from './configuration.ts'
import { serve } from './serve.ts'

try {
  const configuration = readConfiguration(process.env)
  const logger = pino({ level: configuration.LOG_LEVEL }, pino.destination(2))
  const server = await serve(configuration, logger)
  console.log(`Golden Architecture listens on ${server.address}`)
  console.log(`Status page: ${server.address}/status`)
  console.log(`Demo sign-in: ${server.signIn.username} / ${server.signIn.password}`)
  const stop = (): void => {
    server.stop().catch((error: unknown) => {
      logger.error({ err: error }, 'stopping failed')
      process.exitCode = 1
    })
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
