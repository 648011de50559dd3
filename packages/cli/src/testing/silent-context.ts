import { Terminal } from '../output/terminal.ts'
import { CommandContext } from '../surroundings/command-context.ts'

const silent = { write: () => undefined }

/** A context whose terminal says nothing, without a file of configuration and with a signal that never fires. */
export function silentContext(environment: Readonly<Record<string, string>> = {}): CommandContext {
  return new CommandContext({
    ...{ environment, folder: process.cwd(), configurationPath: undefined },
    terminal: new Terminal({ stdout: silent, stderr: silent, isJson: false, isColourAllowed: false }),
    signal: new AbortController().signal,
  })
}
