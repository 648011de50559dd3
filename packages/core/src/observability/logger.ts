/**
 * Where log lines go. A pino logger fits as it is. `fields` are JSON values (an error under `err`), `message` a
 * fixed text, so that lines can be found by it.
 */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
