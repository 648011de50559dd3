import type { paths } from '../../api/schema.d.ts'

/** A proposal with all that one must know to decide on it. */
export type DossierView =
  paths['/api/v1/governance/proposals/{id}']['get']['responses'][200]['content']['application/json']
