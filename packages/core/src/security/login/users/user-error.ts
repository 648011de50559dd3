import { GoldenError } from '../../../errors/index.ts'

/** Codes of the errors of users. */
export type UserErrorCode = 'USER_EXISTS' | 'USER_NOT_FOUND' | 'USER_VERSION_CONFLICT'

/** A user is not as the caller said. Retryable: `USER_VERSION_CONFLICT`, after loading the user anew. */
export class UserError extends GoldenError<UserErrorCode> {
  static exists(): UserError {
    return new UserError({ code: 'USER_EXISTS', message: 'the name or id is taken' })
  }

  static notFound(userId: string): UserError {
    return new UserError({ code: 'USER_NOT_FOUND', message: 'there is no such user', details: { userId } })
  }

  static versionConflict(userId: string, version: number): UserError {
    return new UserError({
      code: 'USER_VERSION_CONFLICT',
      message: `the user has changed since: its version is ${version}`,
      retryable: true,
      details: { userId, version },
    })
  }
}
