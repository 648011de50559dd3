import { SERVER_ROLES, type ServerRole } from '../../server-role.ts'
import { type ServerEnvironment, type ServerProcess, startServerProcess } from '../server-process.ts'

/** Processes of a role that ended though nobody ended them. */
interface UnaskedEnds {
  count: number
  /** The last that the first of them said. */
  readonly words: string
}

/** A role and the process that has it now. */
interface Post {
  server: ServerProcess
  /** Resolves when the post is given up. */
  kept: Promise<void>
  isKilled: boolean
}

const RUNS = /listens on (\S+)|runs \S+/
/** More of these than any outage explains: something ends again and again. */
const MAX_UNASKED_ENDS = 50

/** The server with each role, or some, in a process of its own, started anew whenever it ends, as an orchestrator of containers does. */
export class ServerFleet {
  /** Kills, by role. */
  readonly kills = new Map<ServerRole, number>()
  /** Of processes that ran. */
  readonly unaskedEnds = new Map<ServerRole, UnaskedEnds>()
  /** Starts that came to nothing, as in the middle of an outage. */
  readonly failedStarts = new Map<ServerRole, number>()
  /** Those that it runs, a process each. */
  readonly roles: readonly ServerRole[]
  readonly #environment: ServerEnvironment
  readonly #posts = new Map<ServerRole, Post>()
  #isStopping = false

  constructor(environment: ServerEnvironment, roles: readonly ServerRole[] = SERVER_ROLES) {
    this.#environment = environment
    this.roles = roles
  }

  /** Starts all roles and waits until each runs. */
  async start(): Promise<void> {
    for (const role of this.roles) this.#keep(role)
    await Promise.all(this.roles.map((role) => this.whenRuns(role)))
  }

  /** Kills a role as soon as it runs; resolves when that process is gone. */
  async kill(role: ServerRole): Promise<void> {
    const server = await this.whenRuns(role)
    const post = this.#postOf(role)
    if (post.server === server) post.isKilled = true
    server.child.kill('SIGKILL')
    await server.exit
    this.kills.set(role, (this.kills.get(role) ?? 0) + 1)
  }

  /** Where the gateway listens now. */
  async address(): Promise<string> {
    const server = await this.whenRuns('gateway')
    return server.said(/listens on (\S+)/)
  }

  /** The process of a role once it has said that it runs. */
  async whenRuns(role: ServerRole): Promise<ServerProcess> {
    for (;;) {
      const { server } = this.#postOf(role)
      const runs = await server.said(RUNS).then(
        () => true,
        () => false,
      )
      if (runs && isAlive(server)) return server
      if (this.#isStopping) throw new Error(`${role} does not run any more`)
      if (this.#hasGivenUp(role)) throw new Error(`${role} ends again and again`)
      // Its end is known here before the next one is started.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Tells every process to stop in good order; those that did not, with what they said. */
  async stop(): Promise<readonly string[]> {
    await Promise.all(this.roles.map((role) => this.whenRuns(role)))
    this.#isStopping = true
    const posts = [...this.#posts]
    for (const [, { server }] of posts) server.child.kill('SIGTERM')
    const ends = await Promise.all(
      posts.map(async ([role, { server, kept }]) => {
        const { code, signal } = await server.exit
        await kept
        return code === 0 ? [] : [`${role} ended with ${signal ?? code}: ${lastWords(server)}`]
      }),
    )
    return ends.flat()
  }

  /** Ends every process at once. */
  async destroy(): Promise<void> {
    this.#isStopping = true
    for (const { server, kept } of this.#posts.values()) {
      server.child.kill('SIGKILL')
      await kept
    }
  }

  #endedUnasked(role: ServerRole, server: ServerProcess): void {
    if (!RUNS.test(server.output())) {
      this.failedStarts.set(role, (this.failedStarts.get(role) ?? 0) + 1)
      return
    }
    const ends = this.unaskedEnds.get(role) ?? { count: 0, words: lastWords(server) }
    ends.count++
    this.unaskedEnds.set(role, ends)
  }

  #hasGivenUp(role: ServerRole): boolean {
    const count = (this.unaskedEnds.get(role)?.count ?? 0) + (this.failedStarts.get(role) ?? 0)
    return count >= MAX_UNASKED_ENDS
  }

  #postOf(role: ServerRole): Post {
    const post = this.#posts.get(role)
    if (post === undefined) throw new Error(`nobody has started ${role}`)
    return post
  }

  #keep(role: ServerRole): void {
    const start = (): ServerProcess => startServerProcess(this.#environment, '--roles', role)
    const post: Post = { server: start(), kept: Promise.resolve(), isKilled: false }
    const keep = async (): Promise<void> => {
      for (;;) {
        await post.server.exit
        if (this.#isStopping) return
        if (!post.isKilled) this.#endedUnasked(role, post.server)
        if (this.#hasGivenUp(role)) return
        post.isKilled = false
        post.server = start()
      }
    }
    post.kept = keep()
    this.#posts.set(role, post)
  }
}

function isAlive({ child }: ServerProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function lastWords(server: ServerProcess): string {
  return server.output().slice(-1000)
}
