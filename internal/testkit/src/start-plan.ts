import type { Programs } from './programs/programs.ts'
import type { ServerRecipe } from './server/private-server.ts'
import type { ServiceName } from './service.ts'

/** What the ways need to know of a service in order to start one. */
export interface StartPlan {
  readonly name: ServiceName
  /** The wanted major version; undefined when any that is new enough will do. */
  readonly major?: string | undefined
  /** The password that the server is to have. */
  readonly password: string
  /** Variables of compose.yaml that belong to this service alone. */
  readonly composeVariables?: Readonly<Record<string, string>>
  /** Whether compose.yaml cannot start it so. Default false. */
  readonly needsRecipe?: boolean
  recipe(programs: Programs): ServerRecipe
  address(port: number): string
  askVersion(address: string): Promise<string>
}
