/** Why a task asks a person where a part of it has not been completed. */
export const CHILD_NOT_COMPLETED = 'child-not-completed'

/** Why a task asks a person, and a remediation task fails, where looks at it fail again and again. */
export const CANNOT_GO_ON = 'cannot-go-on'
