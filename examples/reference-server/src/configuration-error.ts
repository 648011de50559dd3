import { GoldenError } from '@golden-arch/core/errors'

/** Stable code of a {@link ConfigurationError}. */
export type ConfigurationErrorCode = 'CONFIGURATION_REFUSED'

/** What a server is told cannot be what was meant. Its details name each of the `problems`, and never a value. */
export class ConfigurationError extends GoldenError<ConfigurationErrorCode> {
  constructor(problems: readonly string[]) {
    const message = `configuration refused: ${problems.join('; ')}`
    super({ code: 'CONFIGURATION_REFUSED', message, details: { problems } })
  }
}
