/** Tells a model server which step of which task a call serves: `task|step|attempt|call`. Servers that do not know it ignore it. */
export const STEP_HEADER = 'x-golden-arch-step'
