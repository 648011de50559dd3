import { userInfo } from 'node:os'
import type { Terminal } from '../output/terminal.ts'
import { addressOf, type Dependency } from './addresses.ts'
import { type GoldenArchConfig, readConfiguration } from './configuration.ts'

/** What a context is made of. */
export interface CommandContextOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly configurationPath: string | undefined
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/** What a command has around it. */
export class CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder in which the command was called. */
  readonly folder: string
  readonly terminal: Terminal
  /** Fires when the command is to stop. */
  readonly signal: AbortSignal
  readonly #configurationPath: string | undefined
  #configuration: Promise<GoldenArchConfig> | undefined

  constructor(options: CommandContextOptions) {
    this.environment = options.environment
    this.folder = options.folder
    this.terminal = options.terminal
    this.signal = options.signal
    this.#configurationPath = options.configurationPath
  }

  /**
   * The configuration, read once.
   * @throws CliError `CONFIG_INVALID`.
   */
  configuration(): Promise<GoldenArchConfig> {
    this.#configuration ??= readConfiguration(this.folder, this.#configurationPath)
    return this.#configuration
  }

  /**
   * Where a server is; undefined where nothing says it.
   * @throws CliError `CONFIG_INVALID`, `FILE_UNREADABLE`.
   */
  async addressOf(dependency: Dependency): Promise<string | undefined> {
    return addressOf(dependency, this.environment, await this.configuration())
  }

  /** The person at the keyboard, as the operating system knows them. */
  get userName(): string {
    try {
      return userInfo().username
    } catch {
      // A container may run under a number that no name belongs to.
      return String(process.getuid?.() ?? 'unknown')
    }
  }
}
