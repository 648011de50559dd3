import type { Logger } from '../logger.ts'

/** One line of a {@link RecordingLogger}. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** A logger that keeps its lines, for tests to read. */
export class RecordingLogger implements Logger {
  readonly #lines: LogLine[] = []

  /** The lines so far, oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }

  /** The messages so far, oldest first, of one level or of all. */
  messages(level?: LogLine['level']): string[] {
    return this.#lines
      .filter((line) => level === undefined || line.level === level)
      .map((line) => line.message)
  }

  debug(fields: object, message: string): void {
    this.#lines.push({ level: 'debug', fields, message })
  }

  info(fields: object, message: string): void {
    this.#lines.push({ level: 'info', fields, message })
  }

  warn(fields: object, message: string): void {
    this.#lines.push({ level: 'warn', fields, message })
  }

  error(fields: object, message: string): void {
    this.#lines.push({ level: 'error', fields, message })
  }
}
