import type { Command, CommandEnd } from '../command.ts'
import type { Colour, Terminal } from '../output/terminal.ts'
import { oneLine } from '../output/text-table.ts'
import { readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { type SandboxBackendName, sandboxBackendOf } from '../surroundings/configuration.ts'
import { countFindings, exitCodeOfFindings, type Finding, type FindingStatus } from './finding.ts'
import { readSandboxFacts } from './read-sandbox-facts.ts'
import { sandboxFindings } from './sandbox-findings.ts'
import { checkNats, checkPostgres, checkRedis } from './server-checks.ts'

const USAGE = `usage: golden-arch doctor [--strict]
  Looks at every server that is configured, and at what this machine has for running code of models:
    PostgreSQL  answers, version, takes writes, fsync, synchronous_commit, full_page_writes, clock, migrations
    Redis       answers, version, takes writes, appendonly
    NATS        answers, version, JetStream, streams kept in files
    sandbox     Docker, gVisor, bubblewrap, as sandboxBackend or SANDBOX_BACKEND asks
  Each finding that is not as it should be says what to do. Nothing is changed.

  --strict  a warning counts as an error

Exit code: 0 all is well, warnings aside; 1 an error; 2 not understood; 3 something configured does not answer.`

const COLOURS: Readonly<Record<FindingStatus, Colour>> = {
  ok: 'green',
  warning: 'yellow',
  error: 'red',
  unreachable: 'red',
  skipped: 'dim',
}

/** `golden-arch doctor`: what an installation depends on, looked at. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'looks at each configured server and says how to fix what is wrong',
  usage: USAGE,
  run: runDoctor,
}

async function runDoctor(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, { strict: { type: 'boolean' } })
  refuseWords(positionals)
  const groups = await Promise.all([
    checkPostgres(context),
    checkRedis(context),
    checkNats(context),
    checkSandbox(context),
  ])
  const findings = groups.flat()
  const counts = countFindings(findings)
  for (const finding of findings) sayFinding(context.terminal, finding)
  const told = (['ok', 'warning', 'error', 'unreachable', 'skipped'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
  context.terminal.say(told.join(', '))
  return {
    exitCode: exitCodeOfFindings(findings, values.strict === true),
    result: { findings, counts },
  }
}

async function checkSandbox(context: CommandContext): Promise<readonly Finding[]> {
  const backend: SandboxBackendName | undefined = sandboxBackendOf(
    context.environment,
    await context.configuration(),
  )
  return sandboxFindings(await readSandboxFacts(context.environment), backend)
}

function sayFinding(terminal: Terminal, { check, status, message, fix }: Finding): void {
  const width = 'unreachable'.length
  terminal.say(`${terminal.paint(COLOURS[status], status.padEnd(width))}  ${check}: ${oneLine(message)}`)
  if (fix !== undefined) terminal.say(`${' '.repeat(width)}  fix: ${fix}`)
}
